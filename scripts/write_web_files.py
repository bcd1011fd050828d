"""Write the page's files as the plugin serves them below /deidentify/app/ into a folder: write_web_files.py FOLDER"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "plugin"))
from orthanc_deid.host.web.static_pages import page_files

folder = Path(sys.argv[1])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
for name, file in page_files().items():
    (folder / name).write_bytes(file.content)
