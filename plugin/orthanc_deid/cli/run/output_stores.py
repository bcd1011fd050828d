"""The names under which the pipeline of a folder run puts results into OUTPUT."""

STORE = "output"
"""The store of a folder run: a name that is taken stays as it is."""

REPLACING_STORE = "output of first files"
"""The same folder, where results replace others: for the first of several files in conflict."""

WITHDRAWING_STORE = "output of mixed patients"
"""The same folder, from which results are withdrawn: for a study that was delivered under another PatientID."""
