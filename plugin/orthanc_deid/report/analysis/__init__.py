"""The analysis of identifying attributes: counts, model, layout, chart and page."""
