"""The daemon and its configuration: which one is in force, when it is reread, and what happens to an invalid one."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from kairos.control.protocol import Verb
from tests.e2e.kairosd import PATIENCE, Kairosd, kairos


def test_a_valid_configuration_is_applied_and_an_invalid_one_is_not(kairosd: Kairosd) -> None:
    single = kairosd.root("single")
    kairosd.start()
    kairosd.configure(more="  log_level: 7\n")
    kairosd.send(signal.SIGHUP)
    status = kairosd.wait(lambda status: status.config.error is not None)
    assert "daemon.log_level" in str(status.config.error)
    assert kairosd.of(single).problem is None
    kairosd.configure(more="ignore: [secret]\n")
    other = kairosd.root("projects/x/memory")
    kairosd.send(signal.SIGHUP)
    kairosd.wait(lambda status: status.config.error is None)
    kairosd.wait_for(other, lambda one: one.problem is None)


@pytest.mark.model
@pytest.mark.parametrize("refused", ["state_dir: {home}/elsewhere\n", "roots: [\n"])
def test_dreams_follow_the_configuration_in_force(kairosd: Kairosd, refused: str) -> None:
    root = kairosd.root("single")
    kairosd.start()
    kairosd.config.write_text(refused.format(home=kairosd.home), encoding="utf-8")
    kairosd.send(signal.SIGHUP)
    kairosd.wait(lambda status: status.config.error is not None)
    kairosd.ask(Verb.DREAM, root)
    root_status = kairosd.wait_for(root, lambda one: bool(one.last_success or one.failures))
    assert (root_status.failures, root_status.last_error) == (0, None)
    assert not (kairosd.home / "elsewhere").exists()


@pytest.mark.parametrize("is_named", [True, False])
def test_a_missing_configuration_is_an_invalid_one(kairosd: Kairosd, *, is_named: bool) -> None:
    single = kairosd.root("single")
    place = kairosd.config
    if is_named:
        place = kairosd.home / "named.yaml"
        place.write_bytes(kairosd.config.read_bytes())
        kairosd.config.write_text("roots: []\n", encoding="utf-8")
        kairosd.start("--config", place)
    else:
        kairosd.start()
    place.rename(kairosd.home / "aside")  # as an editor may, for a moment
    kairosd.send(signal.SIGHUP)
    status = kairosd.wait(lambda status: status.config.error is not None)
    assert str(place) in str(status.config.error)
    assert "there is no such file" in str(status.config.error)
    assert kairosd.of(single).problem is None
    (kairosd.home / "aside").rename(place)
    kairosd.send(signal.SIGHUP)
    kairosd.wait(lambda status: status.config.error is None)
    assert kairosd.of(single).problem is None


def test_defaults_apply_until_there_is_a_configuration(kairosd: Kairosd) -> None:
    kairosd.config.unlink()
    single = kairosd.root("single")
    assert single not in {Path(root.path) for root in kairosd.start().roots}
    assert kairosd.reload() == (0, "")
    kairosd.configure()
    assert kairosd.reload() == (0, "")
    kairosd.wait_for(single, lambda one: one.problem is None)
    kairosd.config.unlink()
    assert kairosd.reload()[0] == 1
    assert kairosd.of(single).problem is None


def test_a_reload_is_waited_for_and_reports_why_it_failed(kairosd: Kairosd) -> None:
    kairosd.root("single")
    code, said = kairosd.reload()
    assert (code, "none listens" in said) == (1, True), said
    kairosd.start()
    other = kairosd.root("projects/x/memory")
    kairosd.configure()
    assert kairosd.reload() == (0, "")
    assert kairosd.of(other).problem is None
    kairosd.configure(more="  log_level: 7\n")
    code, said = kairosd.reload()
    assert (code, "daemon.log_level" in said) == (1, True), said
    # An invalid file hides neither the daemon nor what it says about that file.
    assert "refused, the previous one still applies" in kairos("status", code=2)


def test_a_pause_that_cannot_be_saved_is_reported(kairosd: Kairosd) -> None:
    kairosd.root("single")
    kairosd.start()
    ledger = kairosd.state_dir / "daemon.json"
    ledger.unlink(missing_ok=True)
    ledger.mkdir()
    command = [sys.executable, "-m", "kairos", "pause"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "only until kairosd ends: Could not write" in done.stderr
    assert kairosd.status().paused_until is not None
    ledger.rmdir()
    kairos("resume")
    assert kairosd.status().paused_until is None


def test_one_reload_after_the_other_and_none_after_the_end_began(
    kairosd: Kairosd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        kairosd.root(f"projects/p{number}/memory")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        kairosd.start()
        with ThreadPoolExecutor() as askers:
            answers = [askers.submit(kairosd.ask, Verb.RELOAD) for _ in range(3)]
            for _ in range(3):
                kairosd.send(signal.SIGHUP)
            assert [answer.result() for answer in answers] == [{}, {}, {}]
        kairosd.wait(lambda status: status.state == "running")
        kairosd.send(signal.SIGHUP)
        assert kairosd.stop()[0] == 0
        systemd.setblocking(False)
        said = list(_states(systemd))
    end = said.index("STOPPING=1")
    assert set(said[end + 1 :]) <= {"WATCHDOG=1"}
    assert said[0] == "READY=1"
    assert said[1:4] == ["RELOADING=1", "READY=1", "RELOADING=1"]
    assert not {("RELOADING=1", "RELOADING=1"), ("READY=1", "READY=1")} & set(itertools.pairwise(said))


def _states(systemd: socket.socket) -> Iterator[str]:
    """Yield what the daemon told systemd about its state, in order."""
    with suppress(BlockingIOError):
        while True:
            first = systemd.recv(4096).decode().split("\n")[0]
            if not first.startswith("STATUS="):
                yield first
