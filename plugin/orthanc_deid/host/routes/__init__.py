"""The REST routes below `/deidentify` and the verbs of resources."""
