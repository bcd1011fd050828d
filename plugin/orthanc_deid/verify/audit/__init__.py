"""Audits: original and output compared element by element, stamps, file meta, and the leak scan."""
