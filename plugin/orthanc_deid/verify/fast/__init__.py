"""The fast depth: a check by the walker, with the full check for whatever is in doubt."""
