"""Inside Orthanc: the change feed, the routes, the button, start and stop."""
