"""Originals and outputs read by pydicom's element reader."""
