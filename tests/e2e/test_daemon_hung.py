"""kairosd and what may hold it up: a network mount whose server went away (a stand-in for one), a slow client."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.hung_mount import Mount
from tests.e2e.kairosd import Kairosd, kairos

IMPATIENT = """
from functools import partial
from kairos_service import __main__, daemon
daemon.Looks = partial(daemon.Looks, patience=2.5)
__main__.main()
"""
"""The daemon with a quarter of its patience: the tests are about what it does once that has run out."""


@pytest.fixture
def kairosd(experienced: Path) -> Iterator[Kairosd]:
    daemon = Kairosd(experienced, ("-c", IMPATIENT))
    yield daemon
    if daemon.process is not None:
        daemon.process.kill()
        daemon.process.wait()


@pytest.fixture
def mount(experienced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mount:
    return Mount(experienced / "projects" / "b", tmp_path, monkeypatch)


def configure(kairosd: Kairosd, polling: str) -> None:
    kairosd.configure()
    text = kairosd.config.read_text(encoding="utf-8")
    watch = f"quiet_seconds: 0.2, reconcile_minutes: 0.02, polling: {polling}, poll_seconds: 1"
    kairosd.config.write_text(re.sub(r"(?<=watch: {).*(?=})", watch, text), encoding="utf-8")


def write(root: Path, text: str) -> None:
    (root / "n0.md").write_text(f"# Notes\n\n- {text}\n", encoding="utf-8")


def wait_until_silent(root: Path, kairosd: Kairosd) -> None:
    root_status = kairosd.wait_for(root, lambda one: one.problem is not None)
    assert "does not answer" in str(root_status.problem)
    assert {gate.name: gate.open for gate in root_status.gates}["there"] is False


@pytest.mark.parametrize("polling", ["never", "always"])
def test_a_server_that_goes_away_costs_its_own_root_alone(
    kairosd: Kairosd, mount: Mount, polling: str
) -> None:
    configure(kairosd, polling)
    other, hung = kairosd.root("projects/a/memory"), kairosd.root("projects/b/memory")
    kairos("dream", hung, code=3)  # the very first dream prepares the model, which takes a while
    kairosd.start()
    kairosd.dream(hung)
    kairosd.dream(other)
    mount.hang()
    wait_until_silent(hung, kairosd)

    # The other roots are looked after as usual: new ones, changed ones and due ones.
    new = kairosd.root("projects/c/memory")
    kairosd.wait_for(new, lambda one: one.problem is None)
    write(other, "Something else.")
    kairosd.wait_for(other, lambda one: one.dirty_since is not None)
    kairosd.dream(other)

    # The root comes back by itself, with what was written meanwhile.
    write(hung, "Something else.")
    mount.answer()
    kairosd.wait_for(hung, lambda one: one.problem is None and one.dirty_since is not None)

    mount.hang()
    mount.wait_for_a_call()
    code, seconds = kairosd.stop()
    assert (code, seconds < 10) == (0, True)


def test_a_server_that_is_away_at_the_start_delays_nothing(kairosd: Kairosd, mount: Mount) -> None:
    configure(kairosd, "auto")
    other, hung = kairosd.root("projects/a/memory"), kairosd.root("projects/b/memory")
    mount.hang()
    kairosd.start()
    wait_until_silent(hung, kairosd)
    assert kairosd.of(other).problem is None
    kairosd.dream(other)
    mount.answer()
    kairosd.wait_for(hung, lambda one: one.problem is None)
    mount.hang()
    wait_until_silent(hung, kairosd)
    code, seconds = kairosd.stop()
    assert (code, seconds < 10) == (0, True)


def test_a_lock_that_does_not_answer_holds_up_no_status(
    kairosd: Kairosd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = [kairosd.root(f".claude/projects/-{name}/memory") for name in "abc"]
    kairosd.configure(roots='"~/.claude/projects/*/memory"')
    Mount(roots[1] / ".consolidate-lock", tmp_path, monkeypatch).hang()
    kairosd.start()
    for root in roots:
        (root / ".consolidate-lock").write_text(str(os.getpid()), encoding="ascii")
    began = time.monotonic()
    held = [f"held by PID {os.getpid()}", "free", f"held by PID {os.getpid()}"]
    # The first check hangs at that lock, and the next one sees the roots after it.
    for _ in range(5):
        status = kairosd.status()
    assert time.monotonic() - began < 5
    assert [gate.value for root in status.roots for gate in root.gates if gate.name == "lock"] == held


def test_a_state_that_does_not_answer_stops_neither_the_loop_nor_the_end(
    kairosd: Kairosd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = kairosd.root("single")
    kairosd.configure(more=f"  metrics: {{listen: unix:{tmp_path}/figures}}\n", reconcile=0.02)
    state = Mount(kairosd.state_dir, tmp_path, monkeypatch)
    kairosd.start()
    state.hang()
    state.wait_for_a_call()
    write(root, "Something else.")
    kairosd.wait_for(root, lambda one: one.dirty_since is not None)
    code, seconds = kairosd.stop()
    assert (code, seconds < 11) == (1, True)
    assert "the state directory does not answer" in kairosd.log.read_text(encoding="utf-8")


def test_a_slow_client_of_the_figures_does_not_put_off_the_end(kairosd: Kairosd, tmp_path: Path) -> None:
    kairosd.configure(more=f"  metrics: {{listen: unix:{tmp_path}/figures}}\n")
    kairosd.start()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "figures"))
        client.sendall(b"GET /metrics HTTP/1.0\r\nHost: ")  # and nothing more for now
        code, seconds = kairosd.stop()
    assert (code, seconds < 10) == (0, True)
