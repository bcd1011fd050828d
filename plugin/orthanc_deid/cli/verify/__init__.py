"""`orthanc-deid verify`: check a finished output against its originals."""
