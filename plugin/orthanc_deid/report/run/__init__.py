"""The report of a run: model and page."""
