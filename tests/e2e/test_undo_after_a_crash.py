"""`kairos undo` after a dream that was killed while it wrote: recovery finishes or rolls back that dream first."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kairos.cli.app import cli
from kairos.cli.failures import run
from tests.e2e.shell import Shell
from tests.e2e.story import files, make_story

pytestmark = pytest.mark.model
DAY = "2026-03-02"
KILLED_DREAM = """
import os, signal, sys
from kairos.store.disk import Disk
count = int(sys.argv.pop(1))
def deadly(real):
    def call(self, source, target, **more):
        global count
        real(self, source, target, **more)
        count -= source.endswith(".md") or target.endswith(".md")
        if not count:
            os.kill(os.getpid(), signal.SIGKILL)
    return call
Disk.exchange, Disk.rename = deadly(Disk.exchange), deadly(Disk.rename)
from kairos.cli import main
main()
"""
"""A dream that is killed once it has written or removed a given number of notes."""


@pytest.fixture
def root(home: Path) -> Path:
    return make_story(home / "memory")


def dream_and_die(root: Path, after: int) -> None:
    words = [sys.executable, "-c", KILLED_DREAM, str(after), "dream", str(root), "--yes", "--now", DAY]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize("after", [1, 3])
@pytest.mark.parametrize("words", [["--all"], []])
def test_an_interrupted_dream_is_undone_as_well(
    root: Path, shell: Shell, after: int, words: list[str]
) -> None:
    before = files(root)
    run(cli, ["dream", str(root), "--now", DAY])  # compiles the models
    dream_and_die(root, after)
    shell("log")
    shell("undo", root, *words)
    assert files(root) == before
    assert "Nothing to undo" in shell("undo", root, "--all")


def test_undo_without_a_choice_means_the_interrupted_dream(root: Path, shell: Shell) -> None:
    run(cli, ["dream", str(root), "--yes", "--now", DAY])
    shell("log")
    (root / "more.md").write_text("# More\n\n- Tea is free.\n- Tea is free.\n", encoding="utf-8")
    (root / "most.md").write_text("# Most\n\n- Tea is free.\n- Rooms are booked by mail.\n", encoding="utf-8")
    before = files(root)
    dream_and_die(root, 1)
    shell("undo", root)
    assert files(root) == before
