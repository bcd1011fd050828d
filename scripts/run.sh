#!/bin/bash
# Start Orthanc with the plugin in the foreground; Ctrl-C stops it. Installs what is missing first.
# Environment: HTTP_PORT (8042), DICOM_PORT (4242), DATA_DIR (./data), OUTPUT_DIR (./output).
set -euo pipefail
cd "$(dirname "$0")/.."

# Orthanc sends a C-STORE response in two segments; without this each instance waits 40 ms for a delayed ACK.
export TCP_NODELAY=1
export HTTP_PORT=${HTTP_PORT:-8042} DICOM_PORT=${DICOM_PORT:-4242}
export DATA_DIR=${DATA_DIR:-$PWD/data} OUTPUT_DIR=${OUTPUT_DIR:-$PWD/output}

scripts/install.sh run

python=$PWD/.venv/bin/python
library=$(dpkg -L orthanc-python | grep '/libOrthancPython\.so$' | head -n 1)
orthanc=$(command -v Orthanc || echo /usr/sbin/Orthanc) # not on the PATH of every user

"$python" scripts/configure.py "$DATA_DIR" "$OUTPUT_DIR" "$HTTP_PORT" "$DICOM_PORT" "$library"

# Orthanc's plugin embeds the system's Python, which finds the packages of .venv by this variable.
PYTHONPATH=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
export PYTHONPATH

"$python" scripts/announce.py $$ &
exec "$orthanc" "$DATA_DIR/orthanc.json"
