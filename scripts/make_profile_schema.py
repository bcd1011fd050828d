"""Write the JSON Schema of profiles, with which editors complete and validate them (`#:schema` in line 1)."""

from __future__ import annotations

import json
from pathlib import Path

from orthanc_deid.profile.model import Profile

SCHEMA = Path(__file__).parent.parent / "plugin" / "orthanc_deid" / "profile" / "schema.json"


def schema_text() -> str:
    """Return the schema as it is committed."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Profile.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    print(f"wrote {SCHEMA.name}")
