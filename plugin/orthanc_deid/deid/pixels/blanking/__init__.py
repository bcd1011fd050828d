"""Regions of an image written over with its background, in native and compressed frames."""
