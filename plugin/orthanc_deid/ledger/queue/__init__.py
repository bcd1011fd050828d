"""The queue of a server: one row per instance, store and profile."""
