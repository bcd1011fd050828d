"""`orthanc-deid profile list | show NAME | check FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from orthanc_deid.profile.model import Profile

app = typer.Typer(help="List, show and check profiles.", no_args_is_help=True)


def loaded(name_or_path: str, verify: str | None = None) -> Profile:
    """Return a profile, with another depth of the check if asked for; UsageError names every fault."""
    from orthanc_deid.cli.places import UsageError
    from orthanc_deid.errors import ConfigError
    from orthanc_deid.profile.load import load_profile

    if verify not in (None, "full", "fast"):
        raise UsageError(f"--verify {verify}; accepted: full, fast")
    try:
        profile = load_profile(name_or_path)
    except ConfigError as error:
        raise UsageError(str(error)) from None
    return profile if verify is None else _with_depth(profile, verify)


def _with_depth(profile: Profile, verify: str) -> Profile:
    changed = profile.model_copy(update={"verify": verify})
    changed._routed = {name: _with_depth(each, verify) for name, each in profile.routed.items()}
    return changed


@app.command("list")
def list_profiles() -> None:
    """List the built-in profiles."""
    from orthanc_deid.profile.load import builtin_names, load_profile

    for name in builtin_names():
        typer.echo(f"{name:<12}{load_profile(name).description}")
