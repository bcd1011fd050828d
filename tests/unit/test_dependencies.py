"""The direction of imports between the packages, read from the import statements."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import orthanc_deid
from support.repository import ROOT

PLUGIN = Path(orthanc_deid.__file__).parent.parent
SCRIPT = "orthanc_deid_plugin"
PACKAGE = "orthanc_deid"

# From the modules that import no other to those that import all. A row names packages or single modules; the longest
# name counts (`ledger.queue` before `ledger`). Names of one row do not import each other.
ORDER: tuple[tuple[str, ...], ...] = (
    ("bounded_cache", "errors", "orthanc", "version"),
    ("config.key", "config.settings_model", "system", "standard", "dicom"),
    ("config.keyfile", "profile"),
    ("deid.uids", "deid.pixels", "verify.findings", "verify.reading"),
    ("deid.text", "verify.pixels", "verify.text"),
    ("deid", "verify.rules"),
    ("verify.audit",),
    ("verify.fast", "verify.result"),
    ("verify",),
    ("pipeline.facts", "pipeline.retry_policy"),
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
RANK = {name: rank for rank, row in enumerate(ORDER) for name in row}

PURE = ("dicom", "profile", "deid", "verify", "standard")
IMPURE = frozenset(
    [
        "os",
        "pathlib",
        "tempfile",
        "shutil",
        "mmap",
        "socket",
        "ssl",
        "http",
        "urllib",
        "requests",
        "subprocess",
        "threading",
        "multiprocessing",
        "asyncio",
        "concurrent",
        "time",
        "random",
        "secrets",
        "uuid",
        "logging",
        "sqlite3",
        "sqlalchemy",
    ]
)
IN_MEMORY = frozenset({"BytesIO", "StringIO", "RawIOBase", "SEEK_SET", "SEEK_CUR", "SEEK_END"})
"""Names of `io` that touch no file."""
READS_PROFILES = frozenset({"profile.load", "profile.toml_document"})
"""The modules that read the files of a profile."""


@cache
def modules() -> dict[str, Path]:
    """Return the package's modules by name without the package (`deid.engine`), and the plugin's script."""
    found = {}
    for path in PLUGIN.rglob("*.py"):
        parts = path.relative_to(PLUGIN).with_suffix("").parts
        name = ".".join(parts[1:] if parts[0] == PACKAGE else parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imported_names(path: Path, *, at_load: bool = False) -> Iterator[str]:
    """Yield the full names of all modules that a file imports, in functions too; of `from a import b` also `a.b`.

    With `at_load` only those that its top-level statements import.
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
    """Return the names of the packages: a module that imports `a.b.c` imports `a` and `a.b` as well."""
    return frozenset(name for name, path in modules().items() if path.name == "__init__.py")


def rank(module: str) -> int:
    """Return the number of the row of ORDER that names the module or a package above it."""
    found = entry(module)
    assert found is not None, module
    return RANK[found]


@cache
def imports(module: str, *, at_load: bool = False) -> frozenset[str]:
    """Return the package's modules that `module` imports."""
    names = imported_names(modules()[module], at_load=at_load)
    own = (name.removeprefix(f"{PACKAGE}.") for name in names if name.startswith(f"{PACKAGE}."))
    return frozenset(name for name in own if name in modules() and name != module)


@cache
def reachable(module: str, *, at_load: bool = False) -> frozenset[str]:
    """Return the package's modules that `module` imports, and those that they import."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        for name in imports(waiting.pop(), at_load=at_load) - found:
            found.add(name)
            waiting.append(name)
    return frozenset(found)


def top_package(module: str) -> str:
    """Return the top-level package of a module."""
    return module.split(".")[0]


def entry(module: str) -> str | None:
    """Return the longest name in ORDER that is the module or a package above it."""
    while module and module not in RANK:
        module = module.rpartition(".")[0]
    return module or None


def test_every_module_is_in_the_order_and_every_name_of_the_order_is_a_module() -> None:
    named = {
        entry(module)
        for module in modules()
        if module not in packages() and module not in ("__init__", SCRIPT)
    }
    assert named == RANK.keys()


def test_the_architecture_page_shows_this_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = page.partition("```imports\n")[2].partition("```")[0]
    due = "".join(f"{'  '.join(row)}\n" for row in reversed(ORDER))
    assert shown == due, f"put these lines between ```imports and ```:\n{due}"


def test_the_architecture_page_draws_the_imports_between_packages() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = page.partition("```mermaid\n")[2].partition("```")[0]
    labels = dict(re.findall(r'(\w+)\["([\w.]+)"\]', picture))
    arrows = [(labels.get(a, a), labels.get(b, b)) for a, b in re.findall(r"(\w+) --> (\w+)", picture)]
    drawn: dict[str, set[str]] = {name: set() for arrow in arrows for name in arrow}
    for one, other in arrows:
        drawn[one].add(other)

    def box(module: str) -> str:
        return max((name for name in drawn if f"{module}.".startswith(f"{name}.")), key=len, default="")

    between = {(box(module), box(found)) for module in modules() for found in imports(module) - packages()}
    real = {(one, other) for one, other in between if one and other and one != other}
    assert set(arrows) <= real
    below = {name: set(others) for name, others in drawn.items()}
    for _ in below:
        for others in below.values():
            others.update(*(below[other] for other in list(others)))
    assert [pair for pair in sorted(real) if pair[1] not in below[pair[0]]] == []


def test_no_module_imports_one_of_a_higher_or_the_same_row() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in modules()
        if module not in packages() and module not in ("__init__", SCRIPT)
        for other in imports(module)
        if other not in packages() and entry(other) != entry(module) and rank(other) >= rank(module)
    ]
    assert wrong == []


@pytest.mark.parametrize(("one", "other"), [("host", "cli"), ("deid", "verify")])
def test_two_packages_never_import_each_other(one: str, other: str) -> None:
    wrong = [
        f"{module} imports {found}"
        for module in modules()
        for found in imports(module)
        if {top_package(module), top_package(found)} == {one, other}
    ]
    assert wrong == []


def test_no_module_imports_itself_in_a_circle() -> None:
    assert [module for module in modules() if module in reachable(module, at_load=True)] == []


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
    verifying = [module for module in modules() if top_package(module) == "verify"]
    assert verifying
    for module in verifying:
        assert not {name for name in reachable(module) if name in deciding or top_package(name) == "deid"}, (
            module
        )


def test_the_full_check_does_not_read_with_the_walker() -> None:
    """Only the fast depth reaches it, and the module that holds both depths."""
    readers = {
        module
        for module in modules()
        if top_package(module) == "verify" and "dicom.walker" in reachable(module)
    }
    assert "verify.fast.fast_reading" in readers
    readers.discard("verify.verifier")
    assert all(module.startswith("verify.fast") for module in readers), readers


def test_only_the_plugin_script_imports_orthanc() -> None:
    importing = {
        module
        for module, path in modules().items()
        for name in imported_names(path)
        if name.split(".")[0] == "orthanc"
    }
    assert importing == {SCRIPT}


def test_the_plugin_script_hands_over_to_the_host_and_does_nothing_else() -> None:
    assert {top_package(name) for name in imports(SCRIPT)} == {"host"}


def test_the_host_loads_neither_engine_nor_verifier() -> None:
    """They are imported by the functions that run in workers; Orthanc's process sends work there."""
    program = "import sys, orthanc_deid.host.service; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": str(PLUGIN)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    loaded = {name.removeprefix(f"{PACKAGE}.") for name in done.stdout.split() if name.startswith(PACKAGE)}
    assert "workers.pool" in loaded
    heavy = {"profile.compile", *(name for name in loaded if top_package(name) in ("deid", "verify"))}
    assert heavy & loaded == {"verify", "verify.result"}


def test_the_public_engine_needs_no_more_than_the_engine() -> None:
    assert {top_package(name) for name in imports("__init__")} == {"config", "deid", "profile", "version"}


def test_pure_packages_import_no_files_clocks_networks_or_chance() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules().items()
        if top_package(module) in PURE and module not in READS_PROFILES
        for name in imported_names(path)
        if name.split(".")[0] in IMPURE
    ]
    assert wrong == []


def uses_files(path: Path) -> bool:
    """Return whether a file calls `open`, or uses anything of `io` that is not in memory."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="open")):
                return True
            case ast.Attribute(value=ast.Name(id="io"), attr=name) if name not in IN_MEMORY:
                return True
            case ast.ImportFrom(module="io", names=names) if {each.name for each in names} - IN_MEMORY:
                return True
    return False


def test_no_pure_package_opens_files() -> None:
    assert [
        module for module, path in modules().items() if top_package(module) in PURE and uses_files(path)
    ] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import io\nio.BytesIO(b'')", False),
        ("import io\nio.open('a')", True),
        ("from io import FileIO", True),
        ("def f():\n    open('a')", True),
        ("file.open()", False),
    ],
)
def test_the_use_of_files_is_recognized(tmp_path: Path, text: str, found: bool) -> None:
    path = tmp_path / "module.py"
    path.write_text(text)
    assert uses_files(path) is found


def test_imports_are_found_anywhere_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def f():\n    from orthanc_deid.deid import engine\n    import os.path\n")
    assert set(imported_names(path)) == {"orthanc_deid.deid", "orthanc_deid.deid.engine", "os.path"}
    assert set(imported_names(path, at_load=True)) == set()
