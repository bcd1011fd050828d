"""`orthanc-deid analyze`: count attributes that can carry identity."""
