"""The type of a span, shared by the searches of free text."""

Span = tuple[int, int]
"""Start and end of a part of a text, in characters."""
