"""The server queue: one row per instance, store and profile."""
