"""The independent check of every output before it is released (D7 in docs/architecture.md).

It is written from the standard's tables and the profile's published rules (`profile/RULES.md`), not from the engine:
it imports neither `deid` nor `profile.compile`, and its full depth parses with pydicom, not with our walker.
"""
