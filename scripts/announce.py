"""Print where to send studies and where the results appear, as soon as Orthanc answers.

Usage: announce.py PID, with HTTP_PORT, DICOM_PORT and OUTPUT_DIR in the environment. Ends after printing, or
when the process PID (Orthanc's) has ended.
"""

from __future__ import annotations

import http.client
import os
import signal
import sys
import time
from pathlib import Path

SCREEN = """
  Orthanc is running, and what it receives is de-identified.

  Send a study       dcmsend -nh +sd +r -aet STORESCU -aec ORTHANC 127.0.0.1 {dicom} FOLDER   (by DICOM, with
                     dcmtk; of a compressed file, storescu needs an option that names the compression)
                     curl http://127.0.0.1:{http}/instances --data-binary @FILE   (by REST)
  Results appear in  {output}
  View both          http://127.0.0.1:{http}/   (its pages have a panel "De-identification")
  What became of it  http://127.0.0.1:{http}/deidentify/app/   (or curl http://127.0.0.1:{http}/deidentify)

  Only this machine can reach it. Ctrl-C stops it.
"""


def answers(port: int) -> bool:
    """Whether the plugin's route answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/deidentify")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_alive(pid: int) -> bool:
    """Whether the process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Wait for the answer, then print the screen."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is meant for Orthanc; end without a traceback
    pid, port = int(sys.argv[1]), int(os.environ["HTTP_PORT"])
    while is_alive(pid) and os.getppid() == pid:
        if answers(port):
            output = Path(os.environ["OUTPUT_DIR"]).absolute()
            print(SCREEN.format(http=port, dicom=os.environ["DICOM_PORT"], output=output), flush=True)
            return
        time.sleep(0.2)


if __name__ == "__main__":
    main()
