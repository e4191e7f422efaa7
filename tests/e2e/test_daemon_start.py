"""kairosd while it starts: whatever prevents that is reported in one sentence, and no signal is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.kairosd import PATIENCE, Kairosd

COMMAND = [sys.executable, "-m", "kairos_service"]


def complaint(home: Path, config: str = "") -> str:
    """The one line in which it says why it does not start."""
    file = home / "config.yaml"
    file.write_text(f"state_dir: {home}/state\n{config}", encoding="utf-8")
    command = [*COMMAND, "--config", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = (line for line in done.stderr.splitlines() if not line.startswith("20"))  # apart from the log
    assert line.startswith("kairosd: ")
    return line


def test_a_port_that_is_in_use_is_reported(home: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        listen = f"127.0.0.1:{busy.getsockname()[1]}"
        said = complaint(home, f"daemon: {{metrics: {{listen: '{listen}'}}}}\n")
    assert f"Could not serve figures at {listen}, as daemon.metrics has it: Address already in use." in said


def test_a_socket_that_cannot_be_created_is_reported(home: Path) -> None:
    said = complaint(home, "daemon: {metrics: {listen: 'unix:/nowhere/a.sock'}}\n")
    assert "Could not serve figures at unix:/nowhere/a.sock" in said


@pytest.mark.parametrize(
    "make",
    [
        lambda state: state.write_text(""),
        lambda state: (state / "kairosd.lock").mkdir(parents=True),
        lambda state: (state / "kairosd.sock").mkdir(parents=True),
        lambda state: (state.mkdir(), (state / "touched").write_text("")),
    ],
    ids=["file", "lock", "socket", "touched"],
)
def test_a_state_directory_that_cannot_be_used_is_reported(
    home: Path, make: Callable[[Path], object]
) -> None:
    make(home / "state")
    assert f"{home}/state" in complaint(home)


@contextmanager
def starting(kairosd: Kairosd) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon that waits for its configuration from the beginning of the block, and gets it at the end."""
    text = kairosd.config.read_bytes()
    kairosd.config.unlink()
    os.mkfifo(kairosd.config)
    with kairosd.log.open("ab") as log:
        kairosd.process = subprocess.Popen(COMMAND, stderr=log, cwd="/")
    with kairosd.config.open("wb") as pipe:
        kairosd.config.unlink()
        kairosd.config.write_bytes(text)
        yield kairosd.process
        if kairosd.process.poll() is None:
            pipe.write(text)


def test_a_reload_that_comes_too_early_is_done_later(kairosd: Kairosd) -> None:
    with starting(kairosd):
        kairosd.send(signal.SIGHUP)
    kairosd.wait(lambda _: "the configuration was reloaded" in kairosd.log.read_text(encoding="utf-8"))


def test_a_dream_that_is_asked_for_too_early_comes_later(kairosd: Kairosd) -> None:
    kairosd.root("single")
    with starting(kairosd):
        kairosd.send(signal.SIGUSR1)
    kairosd.wait(lambda _: "asked_for=True" in kairosd.log.read_text(encoding="utf-8"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_while_it_starts(kairosd: Kairosd, number: int) -> None:
    with starting(kairosd) as process:
        kairosd.send(number)
        assert process.wait(PATIENCE) == -number
    assert "Traceback" not in kairosd.log.read_text(encoding="utf-8")
