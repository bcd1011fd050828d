"""What Orthanc's `PythonScript` names: hands the `orthanc` module to the host, and nothing else."""

import os

# Before anything else, for DCMTK reads it once: without it each C-STORE waits 40 ms for a delayed acknowledgement.
os.environ["TCP_NODELAY"] = "1"

import orthanc

from orthanc_deid.host.service import start

SERVICE = start(orthanc)  # held here, for it must live as long as Orthanc
