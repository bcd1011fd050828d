"""What Orthanc defines: its ids, its main tags, and its REST API."""
