"""The verifier's eye: sees text that is left in a result. See `second_eye.find_text`."""
