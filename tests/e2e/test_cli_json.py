"""The JSON of some commands, for programs, and the log, for people."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from kairos.cli.app import cli
from kairos.cli.failures import run
from kairos.cli.service import _value
from kairos.model import FileChange
from kairos.store.records import TransactionKind
from kairos.store.transaction import Store
from kairos.units.manager import UnitStatus

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


class Shell:
    """The commands in a home of their own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.state_dir = home, home / ".local/state/kairos"
        self._capsys = capsys

    def text(self, *words: str) -> str:
        assert run(cli, list(words)) == 0
        return self._capsys.readouterr().out

    def json(self, *words: str) -> Any:
        return json.loads(self.text(*words, "--json"))


@pytest.fixture
def shell(home: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(home, capsys)


def root_of(home: Path, name: str, **notes: bytes) -> Path:
    root = home / name
    root.mkdir()
    for note, data in notes.items():
        (root / f"{note}.md").write_bytes(data)
    return root


def test_init_says_what_it_found_and_wrote(shell: Shell) -> None:
    memory = shell.home / ".claude/projects/-home-me-garden/memory"
    memory.mkdir(parents=True)
    (memory / "MEMORY.md").write_text("# Memory\n")
    said = shell.json("init")
    file = shell.home / ".config/kairos/config.yaml"
    assert (said["file"], said["written"]) == (str(file), True)
    assert [(root["root"], root["layout"]) for root in said["roots"]] == [(str(memory), "claude-code")]
    assert yaml.safe_load(file.read_text())["roots"]
    assert shell.json("init")["written"] is False


def test_the_configuration_in_force_is_one_object(shell: Shell) -> None:
    (shell.home / "c.yaml").write_text("index: {lines: 120}\n")
    said = shell.json("config", "show", "--config", str(shell.home / "c.yaml"))
    assert said["index"]["lines"] == 120
    assert said == yaml.safe_load(shell.text("config", "show", "--config", str(shell.home / "c.yaml")))


@pytest.mark.parametrize(("data", "encoding"), [(b"# A\n\nTea.\n", "utf-8"), (b"# A\n\nT\xe9.\n", "base64")])
def test_an_exported_patch_comes_with_what_it_is_of(shell: Shell, data: bytes, encoding: str) -> None:
    root = root_of(shell.home, "memory", a=data, b=b"B.\n")
    copy = shutil.copytree(root, shell.home / "copy")
    with Store(shell.state_dir) as store:
        changes = [FileChange("a.md", data, data + b"More.\n"), FileChange("b.md", b"B.\n", None)]
        store.apply(root, changes, kind=TransactionKind.APPROVE, at=NOW)
    said = shell.json("export", "t1")
    assert (said["root"], said["transaction"], said["kind"]) == (str(root), 1, "approve")
    assert [(file["file"], file["after"] is None) for file in said["files"]] == [
        ("a.md", False),
        ("b.md", True),
    ]
    assert said["encoding"] == encoding
    patch = said["patch"].encode()
    if encoding == "base64":
        patch = subprocess.run(["base64", "-d"], input=patch, capture_output=True, check=True).stdout
    subprocess.run(["git", "apply", "-"], input=patch, cwd=copy, check=True)
    assert ((copy / "a.md").read_bytes(), (copy / "b.md").exists()) == (data + b"More.\n", False)


def test_the_status_of_the_service_is_available_as_json() -> None:
    runs = UnitStatus("loaded", "active", "running", "enabled", 42, "dreaming", 0, "success")
    assert _value("kairos.service", runs, ["/etc/x"]) == {
        "service": "kairos.service",
        "installed": True,
        "active": "active",
        "state": "running",
        "enabled": "enabled",
        "pid": 42,
        "says": "dreaming",
        "restarts": 0,
        "result": "success",
        "outdated": ["/etc/x"],
    }
    none = UnitStatus("not-found", "inactive", "dead", "", 0, "", 0, "")
    assert _value("kairos.service", none, []) == {"service": "kairos.service", "installed": False}


# --- the log ---


def dreams(shell: Shell, root: Path, first: int, *outcomes: str) -> None:
    """Record one dream a day, with these outcomes, from a first day on."""
    with Store(shell.state_dir) as store:
        for day, outcome in enumerate(outcomes, first):
            at = NOW + timedelta(days=day)
            store.state.remember_root(root)
            store.state.record_dream(root, at=at, today=at.date(), outcome=outcome)


def test_quiet_dreams_are_one_line_of_the_log(shell: Shell) -> None:
    one, two = (root_of(shell.home, name, a=b"A.\n") for name in ("one", "two"))
    dreams(shell, one, 0, "reported", "nothing", "nothing", "nothing")
    dreams(shell, two, 4, "nothing", "nothing")
    with Store(shell.state_dir) as store:
        store.apply(
            one,
            [FileChange("a.md", b"A.\n", b"B.\n")],
            kind=TransactionKind.APPROVE,
            at=NOW + timedelta(days=7),
        )
    dreams(shell, one, 8, "nothing", "nothing")
    lines = [
        re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "@", line).split() for line in shell.text("log").splitlines()
    ]
    assert [" ".join(line) for line in lines] == [
        "8 @ ~/one dream: nothing to change (2 times, from 7 on @)",
        "t1 @ ~/one approve",
        "6 @ ~/two dream: nothing to change (2 times, from 5 on @)",
        "4 @ ~/one dream: nothing to change (3 times, from 2 on @)",
        "1 @ ~/one dream: only reported",
    ]
    assert len(shell.json("log")) == 9
    assert len(shell.json("log", "--limit", "3")) == 3
    assert len(shell.text("log", str(one), "--limit", "4").splitlines()) == 4
    assert "reported" in shell.text("log", str(one), "--limit", "4")
