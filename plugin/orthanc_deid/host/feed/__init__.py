"""Between Orthanc and the ledger: change feed, reconciliation, routing, deletion of sources."""
