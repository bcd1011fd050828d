"""The path of one instance: fetch, de-identify, verify, put."""
