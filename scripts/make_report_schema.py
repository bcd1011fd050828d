"""Write the JSON Schema of report.json, which describes every field."""

from __future__ import annotations

import json
from pathlib import Path

from orthanc_deid.report.run.report_model import Report

SCHEMA = Path(__file__).parent.parent / "plugin" / "orthanc_deid" / "report" / "schema.json"


def schema_text() -> str:
    """Return the schema as it is committed."""
    made = Report.model_json_schema(by_alias=True, mode="serialization")
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    print(f"wrote {SCHEMA.name}")
