"""Original and output compared element by element."""
