"""The settings and the secret key: read and checked at the start, frozen afterwards."""
