-- The database of the plugin's ledger, beside that of Orthanc's index. Run once, when the server is created.
CREATE DATABASE ledger;
