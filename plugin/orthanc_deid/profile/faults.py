"""Faults of a profile file, and the ConfigError that lists them with line, key and accepted values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from orthanc_deid.errors import ConfigError
from orthanc_deid.profile.condition_model import Condition
from orthanc_deid.profile.model import (
    Ages,
    AttributeRule,
    Dates,
    InstanceRule,
    Limits,
    Profile,
    Texts,
)
from orthanc_deid.profile.pixel_settings import PixelRule, Pixels
from orthanc_deid.profile.pseudonym_settings import Pseudonyms
from orthanc_deid.profile.selectors import suggestion
from orthanc_deid.profile.toml_lines import KeyPath

MOST_SHOWN: Final = 100
"""The number of faults that one message lists; further ones are counted."""

_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "pseudonyms": Pseudonyms,
    "dates": Dates,
    "texts": Texts,
    "ages": Ages,
    "limits": Limits,
    "attributes": AttributeRule,
    "instances": InstanceRule,
    "pixels": Pixels,
    "rules": PixelRule,
    "when": Condition,
}
_WANTED_TYPE: Final[Mapping[str, str]] = {
    "string_type": 'text in quotes ("...")',
    "string_sub_type": 'text in quotes ("...")',
    "int_type": "a whole number without quotes",
    "bool_type": "true or false without quotes",
    "tuple_type": "a list [...]",
    "model_type": "a table (key = value)",
    "model_attributes_type": "a table (key = value)",
    "dict_type": "a table (key = value)",
}
_FORMS: Final[Mapping[str, str]] = {
    "name": "1 to 32 small letters, digits, - and _, a letter or digit first",
    "profile": "a profile's name: 1 to 32 small letters, digits, - and _",
    "prefix": "up to 32 letters A-Z a-z, digits, _ . and -, a letter or digit first",
    "placeholder": "1 to 16 capital letters, digits, underscores, and spaces within",
}
"""Descriptions of the patterns of the model, by key."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a profile's file, or in the pseudonym file `file` that it names."""

    key_path: KeyPath
    message: str
    file: str = ""
    line: int = 0  # in `file`; a line of the profile itself is found by `key_path`


def format_key_path(key_path: KeyPath) -> str:
    """Return `attributes[2].when[0].equals`; array items count from 0."""
    text = ""
    for part in key_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the whole file"


def config_error(name: str, lines: Iterable[str]) -> ConfigError:
    """Return the error that names every fault of the profile's file `name`, one per line."""
    listed = list(lines)
    shown = listed[:MOST_SHOWN]
    if len(listed) > MOST_SHOWN:
        shown.append(f"and {len(listed) - MOST_SHOWN} more")
    count = "1 fault" if len(listed) == 1 else f"{len(listed)} faults"
    return ConfigError("\n  ".join([f"profile {name} cannot be used, {count}:", *shown]))


def faults_of(error: ValidationError) -> list[Fault]:
    """Return pydantic's errors as faults, worded for the author of a profile."""
    return [Fault(tuple(detail["loc"]), _message(detail)) for detail in error.errors(include_url=False)]


def _message(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        known = _keys_at(tuple(detail["loc"]))
        return f"unknown key{suggestion(key, known)}; accepted here: {', '.join(known)}"
    if kind == "missing":
        return f"{key} is missing; accepted: {key} = ..."
    if kind in ("enum", "literal_error"):
        expected = str(context["expected"])
        known = re.findall(r"'([^']*)'", expected)
        return f"unknown value{suggestion(str(detail['input']), known)}; accepted: {expected}"
    if kind.startswith("model_") and key == "pixels":
        return "wrong type; accepted: a table [pixels], its rules as [[pixels.rules]]"
    if kind in _WANTED_TYPE:
        return f"wrong type; accepted: {_WANTED_TYPE[kind]}"
    return _generic(kind, key, detail["msg"])


def _generic(kind: str, key: str, message: str) -> str:
    if kind == "string_pattern_mismatch":
        return f"not of this form; accepted: {_FORMS[key]}"
    accepted = re.sub(r"^(Input|String|Value|Tuple) should (be|have) ", "", message)
    return f"not accepted; accepted: {accepted}"


def _keys_at(key_path: KeyPath) -> list[str]:
    tables = [part for part in key_path[:-1] if isinstance(part, str)]
    model = _TABLES.get(tables[-1], Profile) if tables else Profile
    return [field.alias or name for name, field in model.model_fields.items()]
