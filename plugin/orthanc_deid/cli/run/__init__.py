"""`orthanc-deid run`: de-identify a folder tree."""
