"""The analysis of identifying attributes: counts, chart and page."""
