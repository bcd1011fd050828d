"""`orthanc-deid profile`: list, show and check profiles."""
