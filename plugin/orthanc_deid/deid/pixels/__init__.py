"""Pixel data: suspicion of burned-in text."""
