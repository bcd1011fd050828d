"""From Orthanc to the ledger: change feed, reconciliation, routing, deletion of sources."""
