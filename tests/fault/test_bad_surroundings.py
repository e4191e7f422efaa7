"""Bad state, configuration or neighbours: one clear sentence, the right exit code, and the root as it was."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fault.asked import GOOD, Ask, files, is_merged, report_of
from tests.processes import holding_lock

pytestmark = pytest.mark.model


# --- what Kairos itself has on disk ---


def test_a_corrupt_state_database_is_moved_aside(root: Path, ask: Ask, home: Path) -> None:
    assert ask("dream", root).code == 3
    state = home / ".local/state/kairos"
    for name in ("state.db", "state.db-wal", "state.db-shm"):
        (state / name).unlink(missing_ok=True)
    (state / "state.db").write_bytes(b"this is no database" * 500)
    before = files(root)
    answer = ask("dream", root, "--json")
    assert answer.code == 3
    assert files(root) == before
    assert [path.read_bytes()[:19] for path in state.glob("state.db.corrupt-*")] == [b"this is no database"]
    assert any("corrupt" in notice for notice in report_of(answer)["notices"]), report_of(answer)


def test_the_state_of_a_newer_kairos_is_left_alone(root: Path, ask: Ask, home: Path) -> None:
    ask("dream", root)
    path = home / ".local/state/kairos/state.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    answer = ask("dream", root, "--yes")
    assert answer.code == 1
    assert "newer Kairos" in answer.sentence
    assert files(root).keys() == GOOD.keys()
    assert not is_merged(root)
    assert ask("status").code == 1


def test_a_dream_that_cannot_be_recorded_says_that_it_changed_the_notes(
    root: Path, ask: Ask, home: Path
) -> None:
    ask("dream", root)
    connection = sqlite3.connect(home / ".local/state/kairos/state.db")
    connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON dreams BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    )
    answer = ask("dream", root, "--yes")
    assert answer.code == 1
    assert is_merged(root)
    assert f"the notes were changed: `kairos undo {root} t1` takes that back" in answer.sentence
    connection.execute("DROP TRIGGER full")
    connection.close()
    assert ask("undo", root, "t1").code == 0
    assert files(root) == {name: text.encode() for name, text in GOOD.items()}


@pytest.mark.parametrize("data", [b"", b"no index", b"IxFI" + b"\xff" * 400])
def test_a_corrupt_vector_index_is_rebuilt(root: Path, ask: Ask, home: Path, data: bytes) -> None:
    ask("dream", root)
    (index,) = (home / ".cache/kairos/indexes").glob("*.faiss")
    whole = index.read_bytes()
    index.write_bytes(data)
    assert ask("dream", root, "--yes").code == 0
    assert is_merged(root)
    assert index.read_bytes()[:4] == whole[:4]


def test_a_state_directory_that_is_a_file_is_refused(root: Path, ask: Ask, home: Path) -> None:
    (home / "state").write_text("mine", encoding="utf-8")
    config = home / "config.yaml"
    config.write_text(f"state_dir: {home / 'state'}\n", encoding="utf-8")
    answer = ask("dream", root, "--yes", "--config", config)
    assert answer.code == 1
    assert str(home / "state") in answer.sentence
    assert not is_merged(root)
    assert (home / "state").read_text(encoding="utf-8") == "mine"


# --- configuration and model ---


@pytest.mark.parametrize("text", ["model: {path: /nowhere/model}\n", "model: {name: no-such-model}\n"])
def test_a_missing_model_is_reported(
    home: Path, root: Path, ask: Ask, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    for variable, place in (("HOME", ""), ("XDG_STATE_HOME", "state"), ("XDG_CACHE_HOME", "cache")):
        monkeypatch.setenv(variable, str(home / place))
    config = home / "config.yaml"
    config.write_text(text, encoding="utf-8")
    answer = ask("dream", root, "--yes", "--config", config)
    assert answer.code == 1
    assert "model" in answer.err
    assert not is_merged(root)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("rots: []\n", "rots"),
        ("limits: {max_removed_fraction: 7}\n", "limits.max_removed_fraction"),
        ("conflicts: sometimes\n", "conflicts"),
        ("- a list\n", "expected"),
        ("roots: [\n", "line"),
    ],
)
def test_an_invalid_configuration_is_refused(root: Path, ask: Ask, home: Path, text: str, word: str) -> None:
    config = home / "config.yaml"
    config.write_text(text, encoding="utf-8")
    answer = ask("dream", root, "--yes", "--config", config)
    assert answer.code == 2
    assert word in answer.err
    assert str(config) in answer.err
    assert not is_merged(root)


def test_a_missing_configuration_is_refused(root: Path, ask: Ask, home: Path) -> None:
    answer = ask("dream", root, "--yes", "--config", home / "none.yaml")
    assert answer.code == 2
    assert "none.yaml" in answer.err
    assert not is_merged(root)


# --- somebody else is at work ---


def test_a_dream_over_a_locked_root_is_refused(root: Path, ask: Ask, home: Path) -> None:
    assert ask("dream", root).code == 3
    locks = home / ".local/state/kairos/locks"
    assert list(locks.glob("*.lock"))
    with holding_lock(locks, root) as other:
        answer = ask("dream", root, "--yes")
    assert answer.code == 11
    assert f"PID {other.pid}" in answer.sentence
    assert not is_merged(root)
    assert ask("dream", root, "--yes").code == 0
    assert is_merged(root)


def test_a_dream_is_refused_while_an_agent_consolidates(root: Path, ask: Ask, home: Path) -> None:
    config = home / "config.yaml"
    config.write_text(f"roots: [{{path: {root}, layout: claude-code}}]\n", encoding="utf-8")
    lock = root / ".consolidate-lock"
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as agent:
        lock.write_text(str(agent.pid), encoding="utf-8")
        stamp = lock.stat().st_mtime_ns
        answer = ask("dream", root, "--yes", "--config", config)
        agent.communicate(b"")
    assert answer.code == 11
    assert ".consolidate-lock" in answer.sentence
    assert not is_merged(root)
    assert (lock.read_text(encoding="utf-8"), lock.stat().st_mtime_ns) == (str(agent.pid), stamp)
    assert ask("dream", root, "--yes", "--config", config).code == 0
    assert (lock.read_text(encoding="utf-8"), lock.stat().st_mtime_ns) == (str(agent.pid), stamp)
