"""A configuration handed to a command through a descriptor replaces the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kairos.config.handed_config import CONFIG_FD, config_descriptor


def shown(config: Path, *, fd: int, number: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "kairos", "config", "show", "--json", "--config", str(config))
    env = {**os.environ, CONFIG_FD: number}
    return subprocess.run(command, pass_fds=(fd,), env=env, capture_output=True, text=True, check=False)


def test_the_handed_text_counts_and_not_the_file(home: Path) -> None:
    file = home / "config.yaml"
    file.write_text("ignore: [", encoding="utf-8")
    with config_descriptor("ignore: [secret]\n") as fd:
        done = shown(file, fd=fd, number=str(fd))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ignore"] == ["secret"]


def test_an_empty_text_gives_the_defaults(home: Path) -> None:
    file = home / "config.yaml"
    file.write_text("ignore: [secret]\n", encoding="utf-8")
    with config_descriptor("") as fd:
        done = shown(file, fd=fd, number=str(fd))
    assert json.loads(done.stdout)["ignore"] == []


def test_a_fault_in_the_text_is_reported_for_the_file(home: Path) -> None:
    with config_descriptor("ignore: 7\n") as fd:
        done = shown(home / "mine.yaml", fd=fd, number=str(fd))
    assert done.returncode == 2
    assert "mine.yaml is not a valid configuration" in done.stderr


@pytest.mark.parametrize("number", ["", "x", "-1", "999", "9" * 30])
def test_an_invalid_descriptor_is_refused(home: Path, number: str) -> None:
    with config_descriptor("") as fd:
        done = shown(home / "config.yaml", fd=fd, number=number)
    assert done.returncode == 2
    assert CONFIG_FD in done.stderr
