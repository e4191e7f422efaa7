"""The control socket with real clients, well-behaved and otherwise."""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import struct
import tempfile
import threading
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import pytest

from kairos.control.client import ask, follow
from kairos.control.places import socket_file
from kairos.control.protocol import LONGEST_REQUEST, Request, Value, Verb
from kairos.errors import DaemonError, NoSuchRootError
from kairos_service.server import Limits, Server

QUICK = Limits(connections=8, idle_seconds=0.5, answer_seconds=0.5)


async def handle(request: Request) -> Value:
    match request.do:
        case Verb.DREAM:
            raise NoSuchRootError("It is no root.", "Add it.")
        case Verb.RELOAD:
            raise ZeroDivisionError
        case Verb.STATUS:
            return {"status": {"big": "x" * 300_000}}
    return {"root": request.root}


async def stream(request: Request) -> AsyncGenerator[Value]:
    number = 0
    while request.root is None or number < 3:
        yield {"number": number, "padding": "x" * 50_000}
        number += 1
        await asyncio.sleep(0)


def serve(state_dir: Path, client: Callable[[], Any], limits: Limits = QUICK) -> Any:
    """Run a blocking client in a thread against a server in this loop."""

    async def both() -> Any:
        async with Server(state_dir, handle, stream, limits):
            return await asyncio.wait_for(asyncio.to_thread(client), 60)

    return asyncio.run(both(), debug=False)


def talk(state_dir: Path, data: bytes, *, end: bool = True) -> bytes:
    """Send some bytes, and return everything received until the server hangs up."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(socket_file(state_dir)))
        answer = b""
        try:
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except (BrokenPipeError, ConnectionResetError):
            pass
        return answer


def test_requests_are_answered(tmp_path: Path) -> None:
    def client() -> None:
        assert ask(tmp_path, Request(Verb.TOUCH, "/a/\udcff")) == {"root": "/a/\udcff"}
        big = ask(tmp_path, Request(Verb.STATUS))
        assert big
        assert len(big["status"]["big"]) == 300_000
        with pytest.raises(DaemonError, match=r"It is no root\. Add it\."):
            ask(tmp_path, Request(Verb.DREAM))
        lines = talk(
            tmp_path, b'{"v":1,"do":"pause","root":"/a"}\nrubbish\n{"v":1,"do":"resume"}\n'
        ).splitlines()
        assert [json.loads(line)["ok"] for line in lines] == [True, False, True]

    serve(tmp_path, client)
    assert not socket_file(tmp_path).exists()
    assert ask(tmp_path, Request(Verb.STATUS)) is None
    assert list(follow(tmp_path, Request(Verb.WATCH))) == []


def test_the_socket_is_private_and_replaces_a_stale_one(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_file(tmp_path)))
    assert ask(tmp_path, Request(Verb.STATUS)) is None

    def client() -> None:
        assert socket_file(tmp_path).stat().st_mode & 0o777 == 0o600
        assert ask(tmp_path, Request(Verb.STATUS))

    old = os.umask(0)
    try:
        serve(tmp_path, client)
    finally:
        os.umask(old)


def test_a_state_directory_too_deep_for_a_socket_address_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    deep.mkdir(parents=True)
    serve(deep, lambda: ask(deep, Request(Verb.PAUSE)) or pytest.fail("no answer"))
    assert not socket_file(deep).exists()
    assert ask(deep, Request(Verb.PAUSE)) is None


def test_a_defect_fails_only_one_request_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def client() -> None:
        with pytest.raises(DaemonError, match="failed on this request"):
            ask(tmp_path, Request(Verb.RELOAD))
        assert ask(tmp_path, Request(Verb.PAUSE))

    serve(tmp_path, client)
    assert "ZeroDivisionError" in caplog.text


def test_a_live_view_ends_with_its_stream_with_its_client_and_with_the_server(tmp_path: Path) -> None:
    def client() -> list[int]:
        views = follow(tmp_path, Request(Verb.WATCH))
        assert [next(views)["number"] for _ in range(3)] == [0, 1, 2]
        views.close()
        return [view["number"] for view in follow(tmp_path, Request(Verb.WATCH, "/three"))]

    assert serve(tmp_path, client) == [0, 1, 2]

    seen = threading.Event()
    ended: list[bool] = []

    def watcher() -> None:
        try:
            for _ in follow(tmp_path, Request(Verb.WATCH)):
                seen.set()
        except DaemonError:
            pass  # cut off in the middle of a line
        ended.append(True)

    thread = threading.Thread(target=watcher)

    def start() -> None:
        thread.start()
        assert seen.wait(10)

    serve(tmp_path, start)
    thread.join(10)
    assert ended == [True]


def test_overlong_lines_half_lines_and_silence_do_no_harm(tmp_path: Path) -> None:
    def client() -> None:
        assert b"at most 65536 bytes" in talk(tmp_path, b"x" * (LONGEST_REQUEST + 1000))
        assert talk(tmp_path, b'{"v":1,"do":"sta') == b""
        assert talk(tmp_path, b"", end=False) == b""
        assert talk(tmp_path, b'{"v":1', end=False) == b""
        assert ask(tmp_path, Request(Verb.PAUSE))

    serve(tmp_path, client)


def test_clients_that_do_not_read_are_dropped_and_too_many_are_refused(tmp_path: Path) -> None:
    def connect(words: bytes) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(10)
        connection.connect(str(socket_file(tmp_path)))
        connection.sendall(words)
        return connection

    def client() -> None:
        deaf = [connect(b'{"v":1,"do":"status"}\n' * 50) for _ in range(QUICK.connections - 1)]
        deaf.append(connect(b'{"v":1,"do":"watch"}\n'))
        refused = talk(tmp_path, b'{"v":1,"do":"pause"}\n')
        assert refused == b"" or b"Too many" in refused
        while ask_or_none() is None:  # until the deaf clients are disconnected
            pass
        for connection in deaf:
            connection.close()

    def ask_or_none() -> Value | None:
        try:
            return ask(tmp_path, Request(Verb.PAUSE))
        except DaemonError:
            return None

    serve(tmp_path, client)


def test_other_users_are_turned_away() -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        assert serve(Path(directory), lambda: _bytes_for_a_stranger(Path(directory))) == 0


def _bytes_for_a_stranger(state_dir: Path) -> int:
    socket_file(state_dir).chmod(0o666)  # so that the file mode is not what keeps strangers out
    child = os.fork()
    if child == 0:
        os.setuid(65533)
        try:
            os._exit(len(talk(state_dir, b'{"v":1,"do":"pause"}\n', end=False)))
        except OSError:
            os._exit(255)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _pieces(rng: random.Random) -> bytes:
    good = json.dumps(
        {"v": 1, "do": rng.choice(["status", "pause", "watch", "dream", "reload", "touch"])}
    ).encode()
    kinds: list[Callable[[], bytes]] = [
        lambda: rng.randbytes(rng.randrange(2000)),
        lambda: good + b"\n",
        lambda: good[: rng.randrange(len(good))],
        lambda: b"[" * rng.randrange(70_000) + b"\n",
        lambda: b"\n" * rng.randrange(300),
        lambda: struct.pack("<Q", rng.getrandbits(64)),
    ]
    return b"".join(rng.choice(kinds)() for _ in range(rng.randrange(1, 6)))


def test_random_input_does_no_harm(tmp_path: Path) -> None:
    rng = random.Random(5)  # noqa: S311 - the same each time

    def client() -> None:
        most = 0
        for number in range(300):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(str(socket_file(tmp_path)))
                try:
                    connection.sendall(_pieces(rng))
                    if rng.random() < 0.5:
                        connection.recv(rng.randrange(1, 5000))
                except OSError:
                    pass
            if number == 50:
                threading.Event().wait(0.7)  # until idle clients are disconnected
                most = open_descriptors() + 2
        end = time.monotonic() + 20
        while open_descriptors() > most:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert ask(tmp_path, Request(Verb.PAUSE, "/still")) == {"root": "/still"}

    def open_descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    serve(tmp_path, client, Limits(connections=16, idle_seconds=0.3, answer_seconds=0.3))


def test_the_socket_of_another_daemon_stays(tmp_path: Path) -> None:
    def replace() -> None:
        socket_file(tmp_path).unlink()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(socket_file(tmp_path)))

    serve(tmp_path, replace)
    assert socket_file(tmp_path).is_socket()
    serve(tmp_path, lambda: None)
    assert not socket_file(tmp_path).exists()
