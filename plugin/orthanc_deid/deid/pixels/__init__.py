"""Pixel data: evidence of burned-in text, faces and hidden overlays."""
