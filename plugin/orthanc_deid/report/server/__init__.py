"""The report of one Orthanc: the page."""
