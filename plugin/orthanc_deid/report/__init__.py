"""Reports: of a folder run, of an Orthanc, and the analysis of identifying attributes; the catalogue of words."""
