"""Pipes that read a child's output as it arrives and keep a bounded part of it, so that a flood cannot fill memory."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from kairos.report.escape import visible

_AT_ONCE = 65536


class Pipe:
    """A pipe whose data is passed to `take`, in the event loop, until the last writer closes it."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._reading, self.writing = os.pipe()
        try:
            os.set_blocking(self._reading, False)
            self._loop.add_reader(self._reading, self._read)
        except BaseException:
            os.close(self._reading)
            os.close(self.writing)
            raise

    def close_writing(self) -> None:
        """Close our copy of the writing end, once the child has its own."""
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    async def ended(self) -> None:
        """Wait until the last writer has closed it."""
        await self._ended.wait()

    def close(self) -> None:
        """Read once more what is in the pipe, and close it."""
        self.close_writing()
        if self._reading >= 0:
            if not self._ended.is_set():
                self._read()
            self._loop.remove_reader(self._reading)
            os.close(self._reading)
            self._reading = -1

    def _read(self) -> None:
        with suppress(BlockingIOError):
            data = os.read(self._reading, _AT_ONCE)
            if data:
                self._take(data)
            else:
                self._loop.remove_reader(self._reading)
                self._ended.set()


class Head:
    """Keeps the first `limit` bytes; `whole` is None if there were more."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._is_whole = True

    def __call__(self, data: bytes) -> None:
        """Add data."""
        room = self._limit - len(self._kept)
        self._kept += data[:room]
        self._is_whole = self._is_whole and len(data) <= room

    @property
    def whole(self) -> bytes | None:
        """All the data, or None if it exceeded the limit."""
        return bytes(self._kept) if self._is_whole else None


class Tail:
    """Keeps the last lines, each cut to a length."""

    def __init__(self, lines: int, length: int) -> None:
        self._lines: deque[bytes] = deque(maxlen=lines)
        self._length = length
        self._open = b""

    def __call__(self, data: bytes) -> None:
        """Add data."""
        *ended, last = (self._open + data).split(b"\n")
        self._lines.extend(line[: self._length] for line in ended[-(self._lines.maxlen or 0) :])
        self._open = last[: self._length]

    @property
    def lines(self) -> tuple[str, ...]:
        """The last non-blank lines, safe to show."""
        kept = [*self._lines, self._open] if self._open else [*self._lines]
        shown = (visible(line.decode("utf-8", "backslashreplace").rstrip()) for line in kept)
        return tuple(line for line in shown if line)[-(self._lines.maxlen or 0) :]


class Lines:
    """Passes on complete lines; one of `longest` bytes or more is dropped."""

    def __init__(self, longest: int, take: Callable[[bytes], None]) -> None:
        self._longest = longest
        self._take = take
        self._open = b""

    def __call__(self, data: bytes) -> None:
        """Add data."""
        *ended, last = (self._open + data).split(b"\n")
        for line in ended:
            if len(line) < self._longest:
                self._take(line)
        self._open = last[: self._longest]  # a line of that length will be dropped, however it continues
