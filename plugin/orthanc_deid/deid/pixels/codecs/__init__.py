"""Decoders and lossless encoders of compressed frames, by transfer syntax."""
