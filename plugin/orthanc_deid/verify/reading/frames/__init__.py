"""The verifier's own reading of compressed frames: what of a codestream decoding needs."""
