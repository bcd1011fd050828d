-- Beside Orthanc's index, in a database of its own: the plugin's ledger. Run once, when the server is made.
CREATE DATABASE ledger;
