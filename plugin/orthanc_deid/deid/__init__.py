"""De-identification of one encoded instance: pure, from bytes to slices."""
