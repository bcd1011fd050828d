"""The plugin inside Orthanc: start and stop, change feed, routes, web page."""
