"""What was done and found: per instance, per study, per run; the figures and the HTML page."""
