"""Identifying values in texts: decoding, the forms in which they are written, and the search for them."""
