"""Free text: find and replace dates, names and identifiers."""
