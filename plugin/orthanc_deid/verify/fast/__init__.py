"""The fast depth: a check that reads with the walker, and leaves undecided cases to the full depth."""
