"""The check of images whose samples the engine changed: decoded by other libraries than the engine uses."""
