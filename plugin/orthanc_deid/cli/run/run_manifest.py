"""The manifest of a run: one ledger holds results of one version, profile, key and depth of the check only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orthanc_deid.config.key import Key
from orthanc_deid.errors import ConfigError
from orthanc_deid.ledger.folder_run.file_ledger import FileLedger
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.verify_depth import VerifyDepth
from orthanc_deid.version import __version__

_MIXED = (
    "the run with this report was begun with {}, and results must not be mixed; "
    "take the first one, or begin anew with another OUTPUT"
)
_PROFILE = "profile as people know it"
"""The ledger's entry with the profile's name and fingerprint, which the digest does not contain."""


def refuse_mixing(ledger: FileLedger, profile: Profile, depth: VerifyDepth, key: Key) -> None:
    """Raise ConfigError, which names the difference, where the run was begun with other settings."""
    version = ledger.keep_meta("version", __version__)
    if version != __version__:
        raise ConfigError(_MIXED.format(f"another version of this software ({version})"))
    digest = profile_digest(profile, key)
    if ledger.keep_meta("profile", digest) != digest:
        raise ConfigError(_MIXED.format(_other_profile(ledger.meta(_PROFILE), _known_as(profile))))
    ledger.keep_meta(_PROFILE, _known_as(profile))
    before = ledger.keep_meta("verify", depth)
    if before != depth:
        raise ConfigError(_MIXED.format(f"another depth of the check ({before})"))


@contextmanager
def naming_recorded_profile(record: Path | None) -> Iterator[None]:
    """Add to a ConfigError about the key the profile that an existing ledger was begun with, if it is noted."""
    try:
        yield
    except ConfigError as error:
        begun = FileLedger.meta_in(record, _PROFILE) if record is not None else None
        if begun is None:
            raise
        raise ConfigError(f"{error}; the run with this report was begun with the profile {begun}") from None


def profile_digest(profile: Profile, key: Key) -> str:
    """Return a keyed digest of a whole profile, its routes and given pseudonyms included."""
    parts: list[str] = []
    waiting, seen = [profile], {profile.name}
    while waiting:
        each = waiting.pop()
        tables = sorted(each.pseudonyms.tables.items())
        given = [f"{file} {row}" for file, table in tables for row in sorted(map(repr, table.given.items()))]
        parts += [each.name, each.fingerprint(), *given]
        for name, routed in sorted(each.routed.items()):
            if name not in seen:
                seen.add(name)
                waiting.append(routed)
    return key.digest("patient", "\0".join(("profile", *parts)).encode("utf-8", "surrogatepass")).hex()


def _known_as(profile: Profile) -> str:
    return f"{profile.name}, fingerprint {profile.fingerprint()}"


def _other_profile(begun: str | None, now: str) -> str:
    if begun is None:
        return "another profile"
    if begun == now:
        return f"the same profile ({now}), but other files of pseudonyms or other profiles that it routes to"
    return f"another profile ({begun}; this one is {now})"
