"""De-identification of one encoded instance, from bytes to slices, without side effects."""
