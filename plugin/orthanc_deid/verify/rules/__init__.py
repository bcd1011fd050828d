"""The published rules (`profile/RULES.md`): what the output must show of each element."""
