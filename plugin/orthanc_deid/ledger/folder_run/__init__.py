"""The ledger of a folder run: one row per finished file."""
