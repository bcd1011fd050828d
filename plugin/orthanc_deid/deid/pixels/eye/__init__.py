"""The engine's eye: finds text in decoded pictures. See `eye.find_text`."""
