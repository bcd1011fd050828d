"""Where verified results go, and nothing else does."""
