"""Free text: find, replace and remove dates, names and identifiers."""
