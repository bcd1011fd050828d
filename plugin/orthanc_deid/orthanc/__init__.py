"""Definitions of Orthanc itself: identifiers, main tags, configuration, and a client of its REST API."""
