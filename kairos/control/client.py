"""The client side of the daemon's socket."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from kairos.control.places import socket_address, socket_file
from kairos.control.protocol import (
    LONGEST_ANSWER,
    Request,
    Value,
    read_answer,
    request_line,
)
from kairos.errors import DaemonError

_TIMEOUT_SECONDS = 5.0


def ask(state_dir: Path, request: Request, *, timeout: float = _TIMEOUT_SECONDS) -> Value | None:
    """Send one request to the daemon and return its answer; None if no daemon runs.

    Raises DaemonError if it refuses, or does not answer in time.
    """
    with _connected(state_dir, timeout) as connection:
        if connection is None:
            return None
        with _explained(timeout):
            connection.sendall(request_line(request))
            with connection.makefile("rb") as lines:
                return _answer(lines.readline(LONGEST_ANSWER))


def follow(state_dir: Path, request: Request, *, timeout: float = _TIMEOUT_SECONDS) -> Generator[Value]:
    """Yield the answers to one request as they come, until the daemon ends; none if no daemon runs.

    Raises DaemonError if it refuses, or if the first answer does not come in time.
    """
    with _connected(state_dir, timeout) as connection:
        if connection is None:
            return
        with _explained(timeout):
            connection.sendall(request_line(request))
            with connection.makefile("rb") as lines:
                first = lines.readline(LONGEST_ANSWER)
                connection.settimeout(None)  # from now on, silence just means that nothing changes
                yield _answer(first)
                while line := lines.readline(LONGEST_ANSWER):
                    yield _answer(line)


def _answer(line: bytes) -> Value:
    if not line.endswith(b"\n"):
        raise DaemonError(
            "kairosd closed the connection in the middle of an answer.", "See its log for the reason."
        )
    return read_answer(line)


@contextmanager
def _connected(state_dir: Path, timeout: float) -> Iterator[socket.socket | None]:
    """Yield a connection to the daemon, or None if nobody listens."""
    path = socket_file(state_dir)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        try:
            with socket_address(path) as address:
                connection.connect(address)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            yield None
            return
        except OSError as error:
            reason = error.strerror or "it does not answer"
            raise DaemonError(f"Could not connect to kairosd at {path}: {reason}.") from error
        yield connection


@contextmanager
def _explained(timeout: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise DaemonError(
            f"kairosd did not answer within {timeout:g} seconds.", "See its log, or restart it."
        ) from None
    except OSError as error:
        raise DaemonError(f"The connection to kairosd broke: {error.strerror}.", "Run it again.") from error
