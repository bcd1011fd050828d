"""The two names under which the pipeline of a folder run puts results into OUTPUT."""

STORE = "output"
"""The store of a folder run: a name that is taken stays as it is."""

FIRST = "output of first files"
"""The same folder, where a result replaces another file's: for the file that comes first in the tree."""
