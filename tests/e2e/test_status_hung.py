"""`kairos status` and what may hold it up: a mount whose server went away, a process that has the state locked."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from kairos.cli.timeouts import TIMEOUT_SECONDS
from tests.e2e.hung_mount import Mount
from tests.e2e.kairosd import Kairosd

LONGEST = TIMEOUT_SECONDS + 20  # starting Python on a busy machine takes a while
IMPATIENT = """
from kairos.cli import main, timeouts
timeouts.TIMEOUT_SECONDS = 2.5
main()
"""
"""The command with a quarter of its patience."""


class Said(NamedTuple):
    code: int
    out: str
    err: str


def in_parallel(*commands: tuple[object, ...]) -> list[Said]:
    """Run `kairos` commands in parallel, since each may wait until its patience runs out."""
    with ThreadPoolExecutor() as threads:
        return list(threads.map(run, commands))


def run(words: tuple[object, ...], program: tuple[str, str] = ("-c", IMPATIENT)) -> Said:
    command = [sys.executable, *program, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=LONGEST, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def house(experienced: Path) -> Kairosd:
    house = Kairosd(experienced)
    house.configure()
    house.root("projects/a/memory")
    return house


def test_a_state_that_does_not_answer_is_one_sentence(
    house: Kairosd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Mount(house.state_dir, tmp_path, monkeypatch).hang()
    sentence = f"{house.state_dir} does not answer: its server or disk may be gone"
    for said in in_parallel(("status",), ("status", "--seen")):
        assert (said.code, said.out) == (1, "")
        assert said.err.count("\n") == 1
        assert f"kairos: {sentence}" in said.err
    (told,) = in_parallel(("status", "--daemon", "--json"))
    assert told.code == json.loads(told.out)["exit_code"] == 1
    assert sentence in json.loads(told.out)["error"]


def test_a_configuration_that_does_not_answer_is_one_sentence(
    house: Kairosd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Mount(house.config.parent, tmp_path, monkeypatch).hang()
    said = run(("status",), ("-m", "kairos"))  # with its full patience
    assert (said.code, said.out) == (1, "")
    assert f"kairos: {house.config} does not answer" in said.err


def test_a_root_that_does_not_answer_hides_no_other(
    house: Kairosd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung, other = house.root("single"), house.home / "projects/a/memory"
    Mount(hung, tmp_path, monkeypatch).hang()
    of_all, of_one, of_other, as_json = in_parallel(
        ("status",), ("status", hung), ("status", other), ("status", "--json")
    )
    for said in (of_all, of_one, of_other, as_json):
        assert said.code == 1
        assert "kairos: ~/single does not answer" in said.err
    assert "~/projects/a/memory" in of_all.out
    assert "~/single" in of_all.out
    assert "~/single" in of_one.out  # by the name that the configuration gives it
    assert "~/projects/a/memory" in of_other.out
    assert [row["root"] for row in json.loads(as_json.out)] == [str(other), str(hung)]


def test_a_locked_state_hides_no_daemon(kairosd: Kairosd) -> None:
    root = kairosd.root("projects/a/memory")
    kairosd.start()
    kairosd.wait_for(root, lambda one: one.watch is not None)
    lock = kairosd.state_dir / "state.db.lock"
    (kairosd.state_dir / "state.db").touch()
    fd = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        (said,) = in_parallel(("status",))
    finally:
        os.close(fd)
    assert said.code == 1
    assert "kairosd  running since" in said.out
    assert "unknown: the state does not answer" in said.out
    assert "next dream" in said.out
    assert f"{kairosd.state_dir} does not answer" in said.err
