"""Compressed frames: of each codestream only what decoding needs is written (`profile/RULES.md`)."""
