"""The direction of imports between the packages, read from the import statements."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orthanc_deid
from support.repository import ROOT

PLUGIN = Path(orthanc_deid.__file__).parent.parent
SCRIPT = "orthanc_deid_plugin"
PACKAGE = "orthanc_deid"

# From the modules that import no other to those that import all. A row names rooms or single modules; the longest
# name counts (`ledger.queue` before `ledger`). Names of one row do not import each other.
ORDER: tuple[tuple[str, ...], ...] = (
    ("bounded_cache", "errors", "orthanc", "version"),
    ("config.key", "config.settings_model", "system", "standard", "dicom"),
    ("config.keyfile", "profile"),
    ("deid.uids", "deid.pixels", "verify.findings", "verify.reading"),
    ("deid.text", "verify.text"),
    ("deid", "verify.rules"),
    ("verify.audit",),
    ("verify.fast", "verify.result"),
    ("verify",),
    ("pipeline.facts",),
    ("pipeline.tasks",),
    ("report", "sources", "stores", "ledger.schema"),
    ("ledger.database", "config.settings"),
    ("ledger.queue", "config.load"),
    ("ledger.folder_run",),
    ("pipeline",),
    ("workers",),
    ("host.gateway", "host.periodic", "cli.console_tables"),
    ("host.http", "host.resources"),
    ("host.feed", "host.web", "host.context", "cli.run"),
    ("host.routes", "cli.analyze", "cli.profile", "cli.verify"),
    ("host", "cli"),
)
RANK = {room: rank for rank, row in enumerate(ORDER) for room in row}

PURE = ("dicom", "profile", "deid", "verify", "standard")
IMPURE = frozenset(
    {
        "os",
        "socket",
        "ssl",
        "http",
        "urllib",
        "requests",
        "subprocess",
        "threading",
        "multiprocessing",
        "asyncio",
    }
    | {
        "time",
        "random",
        "secrets",
        "uuid",
        "logging",
        "tempfile",
        "shutil",
        "sqlite3",
        "sqlalchemy",
        "concurrent",
    }
    | {"pathlib"}
)
READS_PROFILES = {
    "profile.load",
    "profile.toml_document",
    "profile.pseudonym_file",
}  # the one file a profile is made of


@cache
def modules() -> dict[str, Path]:
    """Return the package's modules by their name in it: `deid.engine`, `work`; and the plugin's script."""
    found = {}
    for path in PLUGIN.rglob("*.py"):
        parts = path.relative_to(PLUGIN).with_suffix("").parts
        name = ".".join(parts[1:] if parts[0] == PACKAGE else parts)
        found[name.removesuffix(".__init__")] = path
    return found


def named(path: Path, *, at_load: bool = False) -> Iterator[str]:
    """Yield the full names of all modules that a file imports, wherever in it; of a package also what is taken.

    With `at_load` only those that its first statements import, whoever loads it.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if at_load else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def packages() -> frozenset[str]:
    """Return the names of the packages themselves: whoever imports `a.b.c` imports them as well."""
    return frozenset(name for name, path in modules().items() if path.name == "__init__.py")


def rank(module: str) -> int:
    """Return the row of ORDER in which the module's room stands."""
    found = room(module)
    assert found is not None, module
    return RANK[found]


@cache
def imports(module: str, *, at_load: bool = False) -> frozenset[str]:
    """Return the package's modules that `module` imports."""
    names = named(modules()[module], at_load=at_load)
    own = (name.removeprefix(f"{PACKAGE}.") for name in names if name.startswith(f"{PACKAGE}."))
    return frozenset(name for name in own if name in modules() and name != module)


@cache
def reached(module: str, *, at_load: bool = False) -> frozenset[str]:
    """Return the package's modules that `module` imports, and those that they import."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        for name in imports(waiting.pop(), at_load=at_load) - found:
            found.add(name)
            waiting.append(name)
    return frozenset(found)


def piece(module: str) -> str:
    return module.split(".")[0]


def room(module: str) -> str | None:
    """Return the longest name in ORDER that is the module or a package above it."""
    while module and module not in RANK:
        module = module.rpartition(".")[0]
    return module or None


def test_every_module_has_a_room_and_every_room_a_module() -> None:
    rooms = {
        room(module)
        for module in modules()
        if module not in packages() and module not in ("__init__", SCRIPT)
    }
    assert rooms == RANK.keys()


def test_the_architecture_page_shows_this_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = page.partition("```imports\n")[2].partition("```")[0]
    due = "".join(f"{'  '.join(row)}\n" for row in reversed(ORDER))
    assert shown == due, f"put these lines between ```imports and ```:\n{due}"


def test_no_room_imports_one_above_or_beside_it() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in modules()
        if module not in packages() and module not in ("__init__", SCRIPT)
        for other in imports(module)
        if other not in packages() and room(other) != room(module) and rank(other) >= rank(module)
    ]
    assert wrong == []


def test_no_module_imports_itself_in_a_circle() -> None:
    assert [module for module in modules() if module in reached(module, at_load=True)] == []


def test_the_verifier_shares_nothing_that_decides_with_the_engine() -> None:
    """A second opinion: a fault of the engine's rules must not pass its own check."""
    deciding = {
        "profile.compile",
        "profile.rule",
        "profile.retained_private",
        "profile.type_floor",
        "profile.vr_kinds",
    }
    assert deciding <= modules().keys()
    verifying = [module for module in modules() if piece(module) == "verify"]
    assert verifying
    for module in verifying:
        assert not {name for name in reached(module) if name in deciding or piece(name) == "deid"}, module


def test_the_full_check_does_not_read_with_the_walker() -> None:
    readers = {
        module for module in modules() if piece(module) == "verify" and "dicom.walker" in imports(module)
    }
    assert all(module.startswith("verify.fast") for module in readers), readers


def test_only_the_plugin_script_imports_orthanc() -> None:
    importing = {
        module
        for module, path in modules().items()
        for name in named(path)
        if name.split(".")[0] == "orthanc"
    }
    assert importing == {SCRIPT}


def test_the_plugin_script_hands_over_to_the_host_and_does_nothing_else() -> None:
    assert {piece(name) for name in imports(SCRIPT)} == {"host"}


def test_the_public_engine_needs_no_more_than_the_engine() -> None:
    assert {piece(name) for name in imports("__init__")} == {"config", "deid", "profile", "version"}


def test_the_pure_rooms_read_no_files_clocks_networks_or_chance() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if piece(module) in PURE and module not in READS_PROFILES
        for name in named(path)
        if name.split(".")[0] in IMPURE
    ]
    assert wrong == []


def test_the_reading_tells_an_import_anywhere_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def f():\n    from orthanc_deid.deid import engine\n    import os.path\n")
    assert set(named(path)) == {"orthanc_deid.deid", "orthanc_deid.deid.engine", "os.path"}
    assert set(named(path, at_load=True)) == set()
