"""The control socket: one JSON object per line, from clients of the same user; no input may harm the daemon."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kairos.control.places import socket_address, socket_file
from kairos.control.protocol import (
    LONGEST_REQUEST,
    Request,
    Value,
    Verb,
    read_request,
    refusal_line,
    success_line,
)
from kairos.errors import KairosError
from kairos_service.logs import fields

Handle = Callable[[Request], Awaitable[Value]]
"""Carries out a request and returns its answer; raises KairosError to refuse it."""

Stream = Callable[[Request], AsyncGenerator[Value]]
"""Yields the answers to `watch` for as long as the client listens."""

_LOG = logging.getLogger(__name__)
_CREDENTIALS = struct.Struct("iII")


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on clients: simultaneous connections, and seconds to send a request or to receive an answer."""

    connections: int = 32
    idle_seconds: float = 30.0
    answer_seconds: float = 10.0


class Server:
    """Listens while the context is open.

    The caller holds the daemon's lock, so a file at the socket's path was left by a daemon that died, and is replaced.
    """

    def __init__(self, state_dir: Path, handle: Handle, stream: Stream, limits: Limits | None = None) -> None:
        self._path = socket_file(state_dir)
        self._handle = handle
        self._stream = stream
        self._limits = limits or Limits()
        self._clients: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._file: os.stat_result | None = None
        self._held = ExitStack()

    async def __aenter__(self) -> Self:
        address = self._held.enter_context(socket_address(self._path))
        listener = self._held.enter_context(socket.socket(socket.AF_UNIX))
        with suppress(FileNotFoundError):
            self._path.unlink()
        # On Linux, bind creates the file with this mode; elsewhere the directory guards it.
        with suppress(OSError):
            os.fchmod(listener.fileno(), 0o600)
        listener.bind(address)
        self._path.chmod(0o600)
        self._file = self._path.lstat()
        self._server = await asyncio.start_unix_server(self._serve, sock=listener, limit=LONGEST_REQUEST)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._remove_socket()
        self._held.close()

    def _remove_socket(self) -> None:
        """Remove our socket, but not that of another daemon: the state directory may have been replaced."""
        with suppress(FileNotFoundError, NotADirectoryError):
            if self._file is not None and os.path.samestat(self._file, self._path.lstat()):
                self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it leaves, is too slow, or sends an overlong line."""
        task = asyncio.current_task()
        if task is None or not _is_ours(writer):
            writer.transport.abort()
            return
        self._clients.add(task)
        try:
            if len(self._clients) > self._limits.connections:
                await self._send(
                    writer, refusal_line("Too many clients are connected.", "Try again in a moment.")
                )
            else:
                await self._answer_all(reader, writer)
            await self._close(writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the client is gone, too slow, or we are stopping
        finally:
            self._clients.discard(task)
            writer.transport.abort()

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(self._limits.idle_seconds):
                    line = await reader.readline()
            except ValueError:
                await self._send(writer, refusal_line(f"A request may have at most {LONGEST_REQUEST} bytes."))
                return
            if not line.endswith(b"\n"):
                return
            try:
                request = read_request(line)
            except KairosError as error:
                await self._send(writer, refusal_line(error.what, error.advice))
                continue
            if request.do is Verb.WATCH:
                await self._serve_stream(request, reader, writer)
                return
            await self._send(writer, await self._answer(request))

    async def _answer(self, request: Request) -> bytes:
        try:
            return success_line(await self._handle(request))
        except KairosError as error:
            return refusal_line(error.what, error.advice)
        except Exception:  # noqa: BLE001 - whatever it is, it costs this request alone
            _LOG.exception("a request failed", extra=fields(request=request.do))
            return refusal_line("kairosd failed on this request.", "Its log says why; please report it.")

    async def _serve_stream(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Send whatever the stream yields until it ends or the client hangs up; any further input ends it too."""
        sending = asyncio.create_task(self._send_all(request, writer))
        hearing = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({sending, hearing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, hearing):
                task.cancel()
            await asyncio.gather(sending, hearing, return_exceptions=True)

    async def _send_all(self, request: Request, writer: asyncio.StreamWriter) -> None:
        try:
            async with aclosing(self._stream(request)) as values:
                async for value in values:
                    await self._send(writer, success_line(value))
        except (OSError, TimeoutError):
            return  # the client is gone, or too slow
        except Exception:  # noqa: BLE001 - whatever it is, it costs this view alone
            _LOG.exception("a live view failed")

    async def _send(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        writer.write(line)
        async with asyncio.timeout(self._limits.answer_seconds):
            await writer.drain()

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        """Close the connection once the client has received everything."""
        writer.close()
        async with asyncio.timeout(self._limits.answer_seconds):
            await writer.wait_closed()


def _is_ours(writer: asyncio.StreamWriter) -> bool:
    """Whether the client runs as our own user or root. Where the system cannot tell, the socket's mode has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    connection = writer.get_extra_info("socket")
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(raw)
    if user in {0, os.getuid()}:
        return True
    _LOG.warning("turned a stranger away", extra=fields(pid=process, uid=user))
    return False
