"""The published rules (`profile/RULES.md`) as requirements on each element of the output."""
