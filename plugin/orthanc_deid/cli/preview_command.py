"""`orthanc-deid preview FILE`: show what a profile would change in one file. Nothing is written."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from orthanc_deid.cli import console_tables
from orthanc_deid.config.key import KEY_BYTES, Key
from orthanc_deid.config.keyfile import load_key
from orthanc_deid.deid.engine import Deidentifier
from orthanc_deid.deid.preview import ElementChange, preview
from orthanc_deid.dicom.tags import format_path
from orthanc_deid.errors import RefusedError, VerificationError
from orthanc_deid.profile.compile import CompiledProfile
from orthanc_deid.profile.model import Profile
from orthanc_deid.sources.folder_source import FolderSource
from orthanc_deid.verify.verifier import Verifier

_LONGEST_VALUE = 64
PREVIEW_COLUMNS = ("Attribute", "VR", "Before", "After", "Action", "Rule")


def show(file: Path, profile: Profile, key_file: Path) -> bool:
    """Print the changes and whether the verifier accepts the result; return whether it would be delivered.

    Raises SourceError where the file cannot be read, ConfigError where the key cannot be used.
    """
    key, sample = (load_key(key_file), False) if key_file.exists() else (Key(bytes(KEY_BYTES)), True)
    source = FolderSource(file.parent)
    try:
        data = source.fetch(file.name)
        found = preview(data, Deidentifier(CompiledProfile(profile), key))
    except RefusedError as error:
        typer.echo(f"It would be quarantined: {error}")
        return False
    finally:
        source.close()
    console_tables.show(PREVIEW_COLUMNS, map(_row, found.changes))
    if sample:
        typer.echo("There is no key yet: pseudonyms, UIDs and shifted dates are samples.")
    for note in found.result.notes:
        typer.echo(f"Note: {note}")
    try:
        Verifier(profile, key).check(data, found.result.output, found.result.sample_changes)
    except VerificationError as error:
        typer.echo("It would be quarantined, because the verifier finds: " + os.linesep.join(error.findings))
        return False
    typer.echo(f"{len(found.changes)} elements change. The verifier accepts the result.")
    return True


def _row(change: ElementChange) -> tuple[str, ...]:
    place = f"{format_path(change.path)} {change.name}".rstrip()
    before = "(none)" if change.before is None else _short(change.before)
    after = "(removed)" if change.after is None else _short(change.after)
    return place, change.vr, before, after, change.action or "+", change.rule


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}\u2026"
