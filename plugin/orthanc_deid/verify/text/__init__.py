"""Identifying values in texts: which they are and where they stand."""
