"""Telling systemd how we are, by its datagram protocol; without systemd, telling nobody.

See sd_notify(3). The libraries for it are old or need compiling, and it is one datagram.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import MutableMapping
from contextlib import suppress

_PATIENCE_SECONDS = 1.0
"""How long a full queue of systemd may hold up our main loop."""


class Notifier:
    """The way to the service manager that `env` names. Failing to reach it is never an error."""

    def __init__(self, env: MutableMapping[str, str]) -> None:
        # Taken out: what we start ourselves is not the service.
        self._address = _address(env.pop("NOTIFY_SOCKET", ""))
        self.watchdog_seconds = _watchdog_seconds(env.pop("WATCHDOG_USEC", ""), env.pop("WATCHDOG_PID", ""))

    def ready(self, status: str) -> None:
        """Say that the start, or a reload, is over."""
        self._send("READY=1", _status(status))

    def reloading(self) -> None:
        """Say that the configuration is being read anew."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={now}", _status("Reading the configuration anew."))

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._send("STOPPING=1", _status("Stopping."))

    def status(self, text: str) -> None:
        """Show one line in `systemctl status`."""
        self._send(_status(text))

    def alive(self) -> None:
        """Show that the main loop turns."""
        self._send("WATCHDOG=1")

    async def stay_alive(self) -> None:
        """Show it as often as the watchdog wants, for as long as the loop that runs this turns."""
        while self._address is not None and self.watchdog_seconds is not None:
            self.alive()
            await asyncio.sleep(self.watchdog_seconds / 2)

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(_PATIENCE_SECONDS)
            sender.sendto("\n".join(lines).encode(errors="backslashreplace"), self._address)


def _address(name: str) -> str | None:
    if name.startswith("@"):
        return "\0" + name[1:]
    return name if name.startswith("/") else None


def _watchdog_seconds(interval: str, pid: str) -> float | None:
    """Return the time within which systemd wants to hear from this very process."""
    is_for_us = not pid or pid == str(os.getpid())
    return int(interval) / 1e6 if is_for_us and interval.isdigit() and int(interval) else None


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"
