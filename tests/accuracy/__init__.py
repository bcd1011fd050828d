"""The accuracy set: made instances with an answer key, and their score in the vocabulary of the MIDI-B benchmark."""
