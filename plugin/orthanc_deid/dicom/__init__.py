"""Bytes to elements and back: sniffing, Part 10, bare data sets, the element walker, character sets."""
