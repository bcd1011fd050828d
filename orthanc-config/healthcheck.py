"""Request a path of the Orthanc in this container; exit with 0 if the status is 200.

Usage: healthcheck.py PATH, with HEALTHCHECK_USER and HEALTHCHECK_PASSWORD in the environment.
"""

import base64
import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8042, timeout=8)
credentials = f"{os.environ.get('HEALTHCHECK_USER', '')}:{os.environ.get('HEALTHCHECK_PASSWORD', '')}"
token = base64.b64encode(credentials.encode()).decode("ascii")
try:
    connection.request("GET", sys.argv[1], headers={"Authorization": f"Basic {token}"})
    status = connection.getresponse().status
except OSError as error:
    sys.exit(f"Orthanc does not answer: {error}")
sys.exit(0 if status == http.HTTPStatus.OK else f"Orthanc answers {status}")
