from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kairos_service.notify import Notifier


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """The socket of a service manager, and its address as given in the environment."""
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(5)
        receiver.bind("\0" + name if request.param == "abstract" else name)
        yield ("@" + name if request.param == "abstract" else name), receiver


def test_systemd_is_notified_and_the_environment_cleared(manager: tuple[str, socket.socket]) -> None:
    address, receiver = manager
    env = {
        "NOTIFY_SOCKET": address,
        "WATCHDOG_USEC": "3000000",
        "WATCHDOG_PID": str(os.getpid()),
        "HOME": "/h",
    }
    notifier = Notifier(env)
    assert env == {"HOME": "/h"}  # child processes must not speak for the service
    assert notifier.watchdog_seconds == 3.0
    notifier.ready("Watching\n2 roots.")
    assert receiver.recv(1000) == b"READY=1\nSTATUS=Watching 2 roots."
    notifier.reloading()
    lines = dict(line.split("=", 1) for line in receiver.recv(1000).decode().splitlines())
    assert lines["RELOADING"] == "1"
    assert 0 <= time.monotonic_ns() // 1000 - int(lines["MONOTONIC_USEC"]) < 5_000_000
    notifier.status("READY=1\nSTOPPING=1 \udcff")
    assert receiver.recv(1000) == b"STATUS=READY=1 STOPPING=1 \\udcff"
    notifier.stopping()
    assert receiver.recv(1000).startswith(b"STOPPING=1\n")


def test_the_watchdog_is_notified_only_while_the_loop_runs(manager: tuple[str, socket.socket]) -> None:
    address, receiver = manager
    notifier = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "40000"})
    receiver.setblocking(False)

    def heard() -> int:
        number = 0
        try:
            while receiver.recv(100) == b"WATCHDOG=1":
                number += 1
        except BlockingIOError:
            pass
        return number

    async def turn() -> int:
        beating = asyncio.create_task(notifier.stay_alive())
        turning = 0
        async with asyncio.timeout(20):
            while turning < 5:
                await asyncio.sleep(0.02)
                turning += heard()
        time.sleep(0.3)  # noqa: ASYNC251 - the loop has to hang here
        hanging = heard()
        beating.cancel()
        return hanging

    assert asyncio.run(turn()) == 0


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"NOTIFY_SOCKET": ""},
        {"NOTIFY_SOCKET": "relative"},
        {"NOTIFY_SOCKET": "/nowhere/at/all"},
        {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "x"},
        {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"},
    ],
)
def test_without_a_manager_nothing_happens(env: dict[str, str]) -> None:
    notifier = Notifier(env)
    notifier.ready("x")
    notifier.alive()
    assert notifier.watchdog_seconds is None
    asyncio.run(asyncio.wait_for(notifier.stay_alive(), 1))


def test_a_manager_with_a_full_queue_delays_us_only_briefly(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"{tmp_path}/notify")
        notifier = Notifier({"NOTIFY_SOCKET": f"{tmp_path}/notify"})
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.setblocking(False)
            with suppress(BlockingIOError):  # until its queue is full
                while True:
                    other.sendto(b"x", f"{tmp_path}/notify")
        began = time.monotonic()
        notifier.alive()
        assert time.monotonic() - began < 3
