"""Write the configuration that `run.sh` starts Orthanc with: orthanc-config/clinic.json with paths and ports.

Usage: configure.py DATA_DIR OUTPUT_DIR HTTP_PORT DICOM_PORT PLUGIN_LIBRARY
Writes DATA_DIR/orthanc.json and creates the folders; exits with a message if a port is in use.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def configuration(data: Path, output: Path, http_port: int, dicom_port: int, library: str) -> dict[str, Any]:
    """Return Orthanc's whole configuration; all paths in it are absolute."""
    settings: dict[str, Any] = json.loads(
        (ROOT / "orthanc-config" / "clinic.json").read_text(encoding="utf-8")
    )
    settings |= {
        "HttpPort": http_port,
        "DicomPort": dicom_port,
        # Without remote access, only users of this machine can connect: no password is required.
        "AuthenticationEnabled": False,
        "StorageDirectory": str(data / "storage"),
        "IndexDirectory": str(data / "storage"),
        "Plugins": [library],
        "PythonScript": str(ROOT / "plugin" / "orthanc_deid_plugin.py"),
    }
    section = settings["Deidentify"]
    section["Stores"]["output"]["Path"] = str(output)
    section["Python"] = sys.executable
    return settings


def make_folders(data: Path, output: Path) -> None:
    """Create the folders; only the owner may read the data folder, which holds patient data and the key."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    output.mkdir(mode=0o750, parents=True, exist_ok=True)


def is_free(port: int) -> bool:
    """Whether Orthanc could listen on the port: it binds to all addresses."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def port_of(name: str, text: str) -> int:
    """Return a port number, or stop with a message that names the variable."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        sys.exit(f"orthanc-deid: {name} must be a port number, 1 to 65535")
    port = int(text)
    if not is_free(port):
        sys.exit(
            f"orthanc-deid: port {port} is taken, perhaps by an Orthanc that runs already (Debian's own service is "
            f"stopped by: sudo systemctl disable --now orthanc). Choose another one by {name}=..."
        )
    return port


def main() -> None:
    """Check the ports, make the folders, write the file."""
    data, output = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
    http_port, dicom_port = port_of("HTTP_PORT", sys.argv[3]), port_of("DICOM_PORT", sys.argv[4])
    make_folders(data, output)
    settings = configuration(data, output, http_port, dicom_port, sys.argv[5])
    temporary = data / f".orthanc.json.{os.getpid()}"
    temporary.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    temporary.replace(data / "orthanc.json")


if __name__ == "__main__":
    main()
