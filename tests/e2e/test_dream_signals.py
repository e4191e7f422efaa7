"""`kairos dream` that is asked to stop: before it writes, nothing has changed; later, it completes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kairos.control.progress import PROGRESS_FD, read_step

FACT = "Releases are cut from the main branch every Thursday."
NOTES = dict.fromkeys(("a.md", "b.md", "c.md"), f"# Notes\n\n- {FACT}\n")
SIGNALLED_DREAM = """
import os, signal
from kairos.store.disk import Disk
def signalled(real):
    def call(self, source, target, **more):
        if source.endswith(".md") or target.endswith(".md"):
            os.kill(os.getpid(), signal.SIGTERM)
        return real(self, source, target, **more)
    return call
Disk.exchange, Disk.rename = signalled(Disk.exchange), signalled(Disk.rename)
from kairos.cli import main
main()
"""
"""A dream that gets SIGTERM whenever it is about to change a note; from outside, the signal might come too late."""


@dataclass(frozen=True)
class Ended:
    code: int
    values: list[dict[str, Any]]
    stderr: str
    stages: list[str]


@pytest.fixture
def root(home: Path) -> Path:
    directory = home / "memory"
    directory.mkdir()
    for name, text in NOTES.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def texts(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(root.iterdir())}


def dream(
    root: Path,
    program: tuple[str, ...] = ("-m", "kairos"),
    *,
    at: str = "",
    number: int = signal.SIGTERM,
    after: float = 0.0,
) -> Ended:
    """Dream in a child process that gets a signal some seconds after it reports a stage."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        [sys.executable, *program, "dream", str(root), "--yes", "--json", "--now", "2026-03-02"],
        env={**os.environ, PROGRESS_FD: str(writing)},
        pass_fds=[writing],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        os.close(writing)
        stages = []
        with os.fdopen(reading, "rb") as lines:
            for line in lines:
                step = read_step(line)
                assert step is not None
                if step.stage == at and at not in stages:
                    time.sleep(after)
                    child.send_signal(number)
                stages.append(step.stage)
        out, err = child.communicate(timeout=60)
    return Ended(child.returncode, json.loads(out) if out else [], err, stages)


@pytest.mark.model
@pytest.mark.parametrize(
    ("stage", "number", "code", "word"),
    [
        ("read", signal.SIGTERM, 143, "Stopped."),
        ("embed", signal.SIGINT, 130, "Interrupted."),
    ],
)
def test_before_it_applies_a_dream_ends_at_once(
    root: Path, stage: str, number: int, code: int, word: str
) -> None:
    check_that_it_ends_before_it_applies(root, stage, number, code, word)


@pytest.mark.model
@pytest.mark.usefixtures("experienced")
def test_with_a_plan_a_dream_ends_at_once(root: Path) -> None:
    check_that_it_ends_before_it_applies(root, "plan", signal.SIGTERM, 143, "Stopped.")


def check_that_it_ends_before_it_applies(root: Path, stage: str, number: int, code: int, word: str) -> None:
    ended = dream(root, at=stage, number=number)
    assert (ended.code, ended.values) == (code, [{"root": str(root), "status": "interrupted"}]), ended.stderr
    assert ended.stderr.strip() == f"kairos: {word}"
    assert "apply" not in ended.stages
    assert texts(root) == NOTES


@pytest.mark.model
@pytest.mark.usefixtures("experienced")
def test_while_it_applies_a_dream_comes_to_its_end_and_reports(root: Path) -> None:
    ended = dream(root, ("-c", SIGNALLED_DREAM))
    assert (ended.code, ended.values[0]["status"]) == (143, "applied"), ended.stderr
    assert ended.values[0]["dream"] is not None
    assert len(texts(root)) == 1
    assert dream(root).values[0]["status"] == "nothing"


@pytest.mark.model
@pytest.mark.usefixtures("experienced")
@pytest.mark.parametrize("stage", ["read", "embed", "plan", "apply"])
def test_a_signal_a_moment_after_a_stage_leaves_before_or_after(root: Path, stage: str) -> None:
    ended = dream(root, at=stage, after=random.Random(4).uniform(0.0, 0.05))  # noqa: S311
    assert ended.code in {143, -signal.SIGTERM, 0}, ended.stderr
    assert "Traceback" not in ended.stderr
    assert texts(root) == NOTES or len(texts(root)) == 1
    assert dream(root).values[0]["status"] in {"applied", "nothing"}
    assert len(texts(root)) == 1


@pytest.mark.parametrize("named", ["1", "99", "word", "-1", "9" * 30])
def test_a_variable_that_names_no_pipe_is_left_alone(
    root: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRESS_FD, named)
    command = [sys.executable, "-m", "kairos", "dream", str(root / "nowhere"), "--json"]
    with (root.parent / "out").open("wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 10
    assert json.loads((root.parent / "out").read_bytes())[0]["status"] == "error"
