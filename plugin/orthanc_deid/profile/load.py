"""Load profiles: the built-in ones, and a site's TOML files, which are validated completely.

One ConfigError reports all faults, each with its line, its key and the accepted values.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from orthanc_deid.errors import ConfigError
from orthanc_deid.profile.entry_conflicts import route_faults, routes
from orthanc_deid.profile.faults import Fault, config_error
from orthanc_deid.profile.model import Profile
from orthanc_deid.profile.selectors import suggestion
from orthanc_deid.profile.toml_document import TomlDocument

_SUFFIX = ".toml"


def builtin_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with the package, in alphabetical order."""
    found = (files(__package__) / "builtin").iterdir()
    return tuple(sorted(each.name.removesuffix(_SUFFIX) for each in found if each.name.endswith(_SUFFIX)))


def builtin_text(name: str) -> str:
    """Return the TOML text of the built-in profile `name`; ConfigError if there is none."""
    known = builtin_names()
    if name not in known:
        near = suggestion(name, list(known))
        raise ConfigError(f"unknown profile {name}{near}; accepted: {', '.join(known)}, or a .toml file")
    return (files(__package__) / "builtin" / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def load_profile(name_or_path: str | Path) -> Profile:
    """Return a profile: built in by its name, or a site's by the path of its TOML file.

    Profiles that it routes to are searched among the built-in ones and in the file's folder, and are attached to it
    (`Profile.routed`). Raises ConfigError with all faults of these files.
    """
    if isinstance(name_or_path, str) and not name_or_path.endswith(_SUFFIX):
        wanted = _builtin(name_or_path)
        neighbours: list[TomlDocument] = []
    else:
        path = Path(name_or_path)
        wanted = _read(path)
        routing = next(routes(wanted.data), None) is not None
        neighbours = (
            [_read(other) for other in _profile_files(path.parent) if other != path] if routing else []
        )
    by_name = _documents_by_name([wanted], neighbours)
    _raise_faults(_reachable(wanted, by_name), by_name)
    return _with_routes(wanted, by_name)


def load_profiles(folder: Path | None) -> dict[str, Profile]:
    """Return all profiles by name: the built-in ones and those of a site's `folder` (its *.toml files).

    Raises ConfigError with all faults of all files.
    """
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"the profiles' folder {folder} does not exist; accepted: a folder of .toml files")
    documents = [_read(path) for path in _profile_files(folder)] if folder is not None else []
    by_name = _documents_by_name(documents, [])
    _raise_faults([*documents, *(each for each in by_name.values() if each not in documents)], by_name)
    return {name: _with_routes(document, by_name) for name, document in sorted(by_name.items())}


def _profile_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.endswith(_SUFFIX) and path.is_file())


def _read(path: Path) -> TomlDocument:
    try:
        return TomlDocument(path.name, path.read_text(encoding="utf-8"), path.parent)
    except OSError as error:
        raise ConfigError(
            f"profile {path} cannot be read: {error.strerror}; accepted: a .toml file"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"profile {path.name} is not UTF-8; accepted: a TOML file in UTF-8") from None


def _builtin(name: str) -> TomlDocument:
    return TomlDocument(f"{name} (built in)", builtin_text(name), None)


def _documents_by_name(
    wanted: Iterable[TomlDocument], neighbours: Iterable[TomlDocument]
) -> dict[str, TomlDocument]:
    """Return the documents by the name of their profile; a name used twice is a fault of the `wanted` document.

    Documents in `neighbours` are only targets of routes.
    """
    by_name: dict[str, TomlDocument] = {name: _builtin(name) for name in builtin_names()}
    builtin = set(by_name)
    for document in wanted:
        taken = by_name.get(document.name)
        if taken is None and document.name:
            by_name[document.name] = document
        elif taken is not None and taken.label != document.label:
            owner = "a built-in profile" if document.name in builtin else taken.label
            document.faults.append(
                Fault(("name",), f"{document.name} is the name of {owner}; accepted: another")
            )
    for document in neighbours:
        if document.name:
            by_name.setdefault(document.name, document)
    return by_name


def _reachable(start: TomlDocument, by_name: dict[str, TomlDocument]) -> list[TomlDocument]:
    """Return `start` and every document that its routes lead to."""
    found, waiting = [], [start]
    while waiting:
        document = waiting.pop()
        if document not in found:
            found.append(document)
            waiting += [by_name[name] for _key_path, name in routes(document.data) if name in by_name]
    return found


def _raise_faults(documents: Iterable[TomlDocument], by_name: dict[str, TomlDocument]) -> None:
    """Raise one ConfigError for all faults of `documents`, those of their routes among them."""
    routed = {name: tuple(routes(document.data)) for name, document in by_name.items()}
    messages = []
    for document in documents:
        own = routed | {document.name: tuple(routes(document.data))}
        document.faults += route_faults(document.name, own)
        if document.faults:
            messages.append(str(config_error(document.label, document.report())))
    if messages:
        raise ConfigError("\n".join(messages))


def _with_routes(document: TomlDocument, by_name: dict[str, TomlDocument]) -> Profile:
    """Return the document's profile with the profiles it routes to attached."""
    profile = document.profile
    if profile is None:
        raise ConfigError(f"profile {document.label} cannot be used")
    profile._routed = {
        name: _with_routes(by_name[name], by_name) for _key_path, name in routes(document.data)
    }
    return profile
