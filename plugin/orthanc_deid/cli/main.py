"""The command `orthanc-deid`. Each command imports what it needs when it is called: `--help` answers at once."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn, cast, get_args

import typer

from orthanc_deid.cli.profile import profile_commands
from orthanc_deid.errors import DeidError
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.version import __version__

app = typer.Typer(
    name="orthanc-deid",
    help="De-identify DICOM files by PS3.15 Annex E: every result is verified before it is put out. No network.",
    no_args_is_help=True,
    rich_markup_mode="markdown",  # paragraphs are filled, and brackets stay brackets
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(profile_commands.app, name="profile")


@contextmanager
def _starting() -> Iterator[None]:
    """Exclude modules that are loaded here from garbage collection: they stay, and searching them takes time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"orthanc-deid {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options of all commands."""


DepthChoice = StrEnum("DepthChoice", {depth: depth for depth in get_args(VerifyDepth)})  # type: ignore[misc]
"""The depths as a type that every supported version of typer accepts as choices; mypy cannot name its members."""


def _depth(chosen: DepthChoice | None, of_profile: VerifyDepth) -> VerifyDepth:
    return of_profile if chosen is None else cast("VerifyDepth", chosen.value)


ProfileOption = Annotated[
    str, typer.Option("--profile", metavar="NAME|FILE", help="A built-in profile, or a TOML file.")
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="The secret key; made once, in your configuration folder."),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, max=256, help="Processes.", show_default="processors")
]
DepthOption = Annotated[
    DepthChoice | None, typer.Option("--verify", help="Depth of the check.", show_default="the profile's")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Report progress as JSON lines.")]


class MixedPatientsChoice(StrEnum):
    """What becomes of a study whose instances carry two PatientIDs."""

    report = "report"
    hold = "hold"


@app.command()
def run(
    root: Annotated[Path, typer.Argument(metavar="INPUT", help="The folder tree to read; never written to.")],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="The folder for the results.")],
    profile: ProfileOption = "neutral",
    key: KeyOption = None,
    workers: WorkersOption = None,
    depth: DepthOption = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="DIR", help="Where the report goes.", show_default="OUTPUT.report"),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="DIR", help="Write old and new UIDs and patient IDs here. Secret."),
    ] = None,
    as_json: JsonOption = False,
    mixed_patients: Annotated[
        MixedPatientsChoice,
        typer.Option("--mixed-patients", help="A study under two PatientIDs: report it, or hold the second."),
    ] = MixedPatientsChoice.report,
) -> None:
    """De-identify every DICOM file below INPUT into OUTPUT.

    Run it again to continue: after a crash, after a full disk, or with new files.

    Exit status: 0 all delivered; 3 files were quarantined or failed (listed in the report); 1 it could not
    run, or not to the end; 2 wrong usage.
    """
    with _starting():
        from orthanc_deid.cli.run import paths
        from orthanc_deid.cli.run.run_command import RunSettings
        from orthanc_deid.cli.run.run_command import run as start

    try:
        found = paths.run_paths(root, output, report, key, mapping)
        with _starting():
            chosen = profile_commands.loaded(profile)
        settings = RunSettings(
            paths=found,
            profile=chosen,
            depth=_depth(depth, chosen.verify),
            workers=workers or os.cpu_count() or 1,
            as_json=as_json,
            out=sys.stdout,
            holds_mixed_studies=mixed_patients is MixedPatientsChoice.hold,
        )
        status = start(settings)
    except paths.UsageError as error:
        fail(str(error), 2)
    except DeidError as error:
        fail(str(error), 1)
    except OSError as error:
        fail(error.strerror or type(error).__name__, 1)
    raise typer.Exit(status)


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A DICOM file.")],
    profile: ProfileOption = "neutral",
    key: KeyOption = None,
) -> None:
    """Show what a profile would change in one file, before and after; nothing is written.

    The table shows the file's values. Exit status 3: the file would be quarantined.
    """
    from orthanc_deid.cli.preview_command import show
    from orthanc_deid.cli.run.paths import UsageError, default_key

    if not file.is_file():
        fail("FILE is no file", 2)
    try:
        accepted = show(file, profile_commands.loaded(profile), key or default_key())
    except UsageError as error:
        fail(str(error), 2)
    except DeidError as error:
        fail(str(error), 1)
    raise typer.Exit(0 if accepted else 3)


@app.command()
def verify(
    root: Annotated[
        Path, typer.Argument(metavar="ORIGINALS", help="The folder tree that was de-identified.")
    ],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="The folder with our results.")],
    profile: ProfileOption = "neutral",
    key: KeyOption = None,
    workers: WorkersOption = None,
    depth: DepthOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a finished output of ours against its originals, and print a scorecard.

    Results are matched with their originals by the key. Exit status: 0 every result is accepted and none is
    missing; 3 otherwise; 1 the check could not run; 2 wrong usage.
    """
    from orthanc_deid.cli.run import paths
    from orthanc_deid.cli.verify.verify_command import VerifySettings, print_scorecard
    from orthanc_deid.cli.verify.verify_command import verify as check
    from orthanc_deid.config.keyfile import load_key

    try:
        for name, folder in (("ORIGINALS", root), ("OUTPUT", output)):
            if not folder.is_dir():
                raise paths.UsageError(f"{name} is no folder")
        chosen = profile_commands.loaded(profile)
        settings = VerifySettings(
            root=paths.resolved(root),
            output=paths.resolved(output),
            profile=chosen,
            key=load_key(key or paths.default_key()),
            depth=_depth(depth, chosen.verify),
            workers=workers or os.cpu_count() or 1,
            as_json=as_json,
            out=sys.stdout,
        )
        card = check(settings)
    except paths.UsageError as error:
        fail(str(error), 2)
    except DeidError as error:
        fail(str(error), 1)
    print_scorecard(card, settings)
    raise typer.Exit(0 if card.passes else 3)


@app.command()
def analyze(
    root: Annotated[Path, typer.Argument(metavar="INPUT", help="The folder tree to read; never written to.")],
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write a page, and beside it JSON, CSV and the chart as PNG and SVG.",
        ),
    ] = None,
    workers: WorkersOption = None,
) -> None:
    """Report which attributes occur and which of them can carry identity; no value is ever shown.

    The share of identifying attributes is given by three definitions: those that Table E.1-1 of PS3.15 lists; these
    or private ones; these or those whose VR can hold identity. The chart needs the extra: pip install
    'orthanc-deid[report]'.
    """
    from orthanc_deid.cli.analyze import analyze_command as command
    from orthanc_deid.cli.run import paths

    if not root.is_dir():
        fail("INPUT is no folder", 2)
    if html is not None and paths.is_within(paths.resolved(html), paths.resolved(root)):
        fail("--html lies inside INPUT", 2)
    if html is not None and not html.parent.is_dir():
        fail("--html: there is no such folder", 2)
    try:
        found = command.analyze(paths.resolved(root), workers or os.cpu_count() or 1, sys.stdout)
        command.print_shares(found)
        written = command.write(found, html) if html is not None else []
    except DeidError as error:
        fail(str(error), 1)
    except OSError as error:
        fail(error.strerror or type(error).__name__, 1)
    for path in written:
        typer.echo(f"Written: {path}")


def fail(text: str, status: int) -> NoReturn:
    """Print the reason on standard error and exit."""
    typer.echo(f"orthanc-deid: {text}", err=True)
    raise typer.Exit(status)
