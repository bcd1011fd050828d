"""DICOM encoding: Part 10 files, bare data sets, the element walker, character sets."""
