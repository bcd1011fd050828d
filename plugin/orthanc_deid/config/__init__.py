"""Settings and the key: checked completely at start, frozen afterwards."""
