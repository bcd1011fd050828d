"""`orthanc-deid profile list | show NAME | check FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orthanc_deid.profile.model import Profile

app = typer.Typer(help="List, show and check profiles.", no_args_is_help=True)


def loaded(name_or_path: str) -> Profile:
    """Return a profile; raises UsageError, which names every fault of it."""
    from orthanc_deid.cli.run.paths import UsageError
    from orthanc_deid.errors import ConfigError
    from orthanc_deid.profile.load import load_profile

    try:
        return load_profile(name_or_path)
    except ConfigError as error:
        raise UsageError(str(error)) from None


@app.command("list")
def list_profiles() -> None:
    """List the built-in profiles."""
    from orthanc_deid.profile.load import builtin_names, load_profile

    for name in builtin_names():
        typer.echo(f"{name:<12}{load_profile(name).description}")


@app.command("show")
def show_profile(
    name: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A built-in profile, or a TOML file.")],
    iod: Annotated[
        str | None,
        typer.Option("--iod", metavar="SOPCLASS", help="Show it for one SOP class, by UID, keyword or name."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="List also the attributes that no rule and no row names.")
    ] = False,
) -> None:
    """Show a profile attribute by attribute: action and rule.

    Without --iod, actions that depend on the attribute's Type in the IOD are listed for each Type.
    """
    from orthanc_deid.cli import console_tables
    from orthanc_deid.cli.profile import profile_table
    from orthanc_deid.cli.run.paths import UsageError

    try:
        profile = loaded(name)
        found = None if iod is None else profile_table.find_iod(iod)
        if iod is not None and found is None:
            raise UsageError(f"--iod {iod}; accepted: a storage SOP class, for instance CTImageStorage")
    except UsageError as error:
        typer.echo(f"orthanc-deid: {error}", err=True)
        raise typer.Exit(2) from None
    _print_settings(profile)
    lines = list(profile_table.lines(profile, found))
    console_tables.show(profile_table.TABLE_COLUMNS, (line.cells() for line in lines if every or line.named))
    typer.echo("\nPrivate attributes: " + _private(profile))
    if not every:
        typer.echo("\nAttributes that no row of Table E.1-1 and no rule names, by VR (--all lists them):")
        console_tables.show(("VR", "Action", "Attributes"), profile_table.unnamed(lines))


@app.command("check")
def check_profile(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A profile in TOML.")],
) -> None:
    """Check a profile of your own: report all faults, each with its line and what would be accepted.

    Exit status: 0 the profile can be used; 2 it has faults.
    """
    from orthanc_deid.cli.run.paths import UsageError

    try:
        if file.suffix != ".toml":
            raise UsageError(f"{file.name} is no profile; accepted: a .toml file")
        profile = loaded(str(file))
    except UsageError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{profile.name} can be used; its fingerprint is {profile.fingerprint()}.")


def _print_settings(profile: Profile) -> None:
    """Print the settings of the profile as a whole."""
    from orthanc_deid.dicom.tags import ACCESSION_NUMBER, STUDY_ID

    dates: str = profile.dates.mode
    if dates == "shift":
        dates += " by {} to {} days".format(*profile.dates.shift_days)
    for name, value in (
        ("Profile", f"{profile.name} ({profile.fingerprint()})"),
        ("", profile.description),
        ("Base", profile.base),
        ("Options", "; ".join(option.value for option in profile.options) or "none"),
        ("Patients", _renamed(profile, "patients", profile.pseudonyms.unknown_patient)),
        ("Accession numbers", _replaced(profile, ACCESSION_NUMBER, "accession_numbers")),
        ("Study IDs", _replaced(profile, STUDY_ID, "study_ids")),
        ("Dates", dates),
        ("Cleaned texts", profile.texts.clean),
        ("Emptied texts", profile.texts.zero if profile.texts.zero == "empty" else profile.texts.placeholder),
        ("Documents", profile.documents),
        ("Verified", profile.verify),
        ("Instance rules", str(len(profile.instances))),
        ("Pixel rules", str(len(profile.pixels.rules))),
    ):
        typer.echo(f"{name:<18}{value}")
    typer.echo("")


def _replaced(profile: Profile, tag: int, file: str) -> str:
    """Return how AccessionNumber or StudyID is replaced."""
    replaced = profile.pseudonyms.replaced(tag)
    if replaced is None:
        return "as every attribute"
    return _renamed(profile, file, "refuse" if replaced.refuses else "derive")


def _renamed(profile: Profile, file: str, unknown: str) -> str:
    given = profile.pseudonyms.tables.get(file)
    if given is None:
        return "derived from the key"
    return f"{len(given)} given, others {'refused' if unknown == 'refuse' else 'derived from the key'}"


def _private(profile: Profile) -> str:
    from orthanc_deid.profile.options import Option

    if Option.RETAIN_SAFE_PRIVATE in profile.options:
        more = f", and {len(profile.private_safe)} more of this profile" if profile.private_safe else ""
        return f"kept by creator and element as Table E.3.10-1 lists{more}; the others removed."
    return "removed, but for those that an explicit rule names."
