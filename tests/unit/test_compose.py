"""compose.yaml: valid, pinned, without secrets, not root; and the settings that result from it and its image."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from orthanc_deid.config.load import load_settings
from orthanc_deid.orthanc.configuration import OrthancConfiguration
from orthanc_deid.stores.registry import configured_stores
from support.repository import ROOT

COMPOSE = shutil.which("docker-compose")
ENVIRONMENT = {
    "CLINIC_SENDERS": '{"ct": {"AET": "CT01", "Host": "10.0.0.5", "Port": 104}}',
    "RESEARCH_MODALITIES": "{}",
    "HEALTHCHECK_USER": "probe",
    "HEALTHCHECK_PASSWORD": "invented",
}


TO_JSON = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"


def compose(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    if COMPOSE is None:
        pytest.skip("docker-compose is not installed here (Debian: apt install docker-compose)")
    command = [COMPOSE, "--file", "compose.yaml", "config"]
    path = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=ROOT, env=path | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    answer = compose(ENVIRONMENT)
    assert answer.returncode == 0, answer.stderr
    # Debian's docker-compose brings the YAML reader of Debian's Python.
    command = ["/usr/bin/python3", "-c", TO_JSON]
    text = subprocess.run(command, input=answer.stdout, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(text)["services"])


def test_every_container_is_pinned_watched_and_not_root(services: dict[str, Any]) -> None:
    assert set(services) == {"clinic", "research", "database"}
    for service in services.values():
        assert re.fullmatch(r"[a-z/-]+:\d+\.\d+[.\w-]*", service["image"])
        assert service["user"] == "999:999"
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["cap_drop"] == ["ALL"]
    assert services["clinic"]["healthcheck"]["test"][-1] == "/deidentify"


def test_only_this_machine_reaches_it_unless_the_site_says_otherwise(services: dict[str, Any]) -> None:
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "ports" not in services["database"]


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_what_only_the_site_can_know_must_be_named(name: str) -> None:
    answer = compose({key: value for key, value in ENVIRONMENT.items() if key != name})
    assert answer.returncode != 0
    assert name in answer.stderr


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for name in ("PASSWORD", "REGISTERED_USERS", "ORTHANC_PEERS", "LEDGER"):
        for line in text.splitlines():
            if name in line and not line.lstrip().startswith("#"):
                assert "${" in line or "target:" in line or "_FILE:" in line, line


def image_environment() -> dict[str, str]:
    """Return the ORTHANC__ variables that the Dockerfile sets."""
    text = (ROOT / "orthanc-config" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.findall(r'(ORTHANC__\w+)=("(?:[^"\\]|\\.)*"|\S+)', text)
    return {name: value.strip('"').replace('\\"', '"') for name, value in found}


def merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: merged(first[key], second[key])
        for key in first.keys() & second.keys()
        if isinstance(first[key], dict)
    }
    return first | second | both


def applied(configuration: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    """Return the configuration as the image makes it: `ORTHANC__A_B__C_D` goes over `AB.CD`, JSON or text."""
    for name, value in environment.items():
        keys = ["".join(part.capitalize() for part in key.split("_")) for key in name.split("__")[1:]]
        try:
            tree: Any = json.loads(value)
        except ValueError:
            tree = value
        for key in reversed(keys):
            tree = {key: tree}
        configuration = merged(configuration, tree)
    return configuration


def clinic_configuration() -> dict[str, Any]:
    return dict(json.loads((ROOT / "orthanc-config" / "clinic.json").read_text(encoding="utf-8")))


@pytest.fixture
def in_container(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let every folder exist, as in the container."""
    monkeypatch.setattr(Path, "is_dir", lambda _path: True)
    return tmp_path


def test_the_image_by_itself_delivers_into_its_folder(in_container: Path) -> None:
    configuration = applied(clinic_configuration(), image_environment())
    settings = load_settings(configuration, in_container)
    settings.check_profiles(("neutral", "basic"))
    assert str(settings.key_file) == "/var/lib/orthanc-deid/state/deidentify.key"
    assert settings.ledger == "sqlite:////var/lib/orthanc-deid/state/deidentify.db"
    assert getattr(settings.stores["output"], "path", None) == Path("/var/lib/orthanc-deid/output")
    assert settings.targets(settings.on_receive[0]) == ("neutral", ("output",))
    assert configuration["PythonScript"] == "/opt/orthanc-deid/orthanc_deid_plugin.py"


def test_the_clinic_delivers_to_research(services: dict[str, Any], in_container: Path) -> None:
    environment = {k: v for k, v in services["clinic"]["environment"].items() if k.startswith("ORTHANC__")}
    secrets = {
        "ORTHANC__DEIDENTIFY__LEDGER": "postgresql://orthanc:invented@database/ledger",
        "ORTHANC__ORTHANC_PEERS": '{"research": ["http://research:8042/", "deid", "invented"]}',
        "ORTHANC__REGISTERED_USERS": '{"probe": "invented"}',
        "ORTHANC__POSTGRESQL__PASSWORD": "invented",
    }
    targets = {secret["target"] for secret in services["clinic"]["secrets"]}
    assert targets == set(secrets)
    configuration = applied(clinic_configuration(), image_environment() | environment | secrets)
    settings = load_settings(configuration, in_container)
    settings.check_profiles(("neutral", "basic"))
    assert settings.targets(settings.on_receive[0]) == ("neutral", ("research",))
    stores = configured_stores(settings.stores, OrthancConfiguration(configuration, in_container))
    assert getattr(stores["research"].setup, "url", None) == "http://research:8042/"
    assert configuration["DicomModalities"]["ct"]["AET"] == "CT01"
    assert configuration["DicomCheckModalityHost"] is True
    assert configuration["AuthenticationEnabled"] is True


@pytest.mark.parametrize("name", ["clinic.json", "research.json"])
def test_our_configurations_admit_no_user_by_themselves(name: str) -> None:
    configuration = json.loads((ROOT / "orthanc-config" / name).read_text(encoding="utf-8"))
    assert configuration["RemoteAccessAllowed"] is False
    assert configuration["AuthenticationEnabled"] is True
    assert configuration["DicomCheckCalledAet"] is True
    assert configuration["DicomCheckModalityHost"] is True
    assert not any(value for key, value in configuration.items() if key.startswith("DicomAlwaysAllow"))


def test_patients_data_never_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert not any("data" in rule or "output" in rule for rule in rules[1:])
