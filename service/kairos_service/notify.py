"""Reports the daemon's state to systemd over its datagram protocol; without systemd, does nothing.

See sd_notify(3). The libraries for it are old or need compiling, and all it takes is one datagram.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import MutableMapping
from contextlib import suppress

_PATIENCE_SECONDS = 1.0
"""How long systemd's full queue may block our main loop."""


class Notifier:
    """The connection to the service manager named in `env`. Failing to reach it is never an error."""

    def __init__(self, env: MutableMapping[str, str]) -> None:
        # Popped, so that our own child processes do not take themselves for the service.
        self._address = _address(env.pop("NOTIFY_SOCKET", ""))
        self.watchdog_seconds = _watchdog_seconds(env.pop("WATCHDOG_USEC", ""), env.pop("WATCHDOG_PID", ""))

    def ready(self, status: str) -> None:
        """Report that the start, or a reload, is complete."""
        self._send("READY=1", _status(status))

    def reloading(self) -> None:
        """Report that the configuration is being reloaded."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={now}", _status("Reloading the configuration."))

    def stopping(self) -> None:
        """Report that the daemon is shutting down."""
        self._send("STOPPING=1", _status("Stopping."))

    def status(self, text: str) -> None:
        """Show one line in `systemctl status`."""
        self._send(_status(text))

    def alive(self) -> None:
        """Report to the watchdog that the main loop is running."""
        self._send("WATCHDOG=1")

    async def stay_alive(self) -> None:
        """Report `alive` twice per watchdog interval for as long as the event loop runs; without a watchdog, return."""
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
    """Return the interval within which systemd expects to hear from this process, if it does."""
    is_for_us = not pid or pid == str(os.getpid())
    return int(interval) / 1e6 if is_for_us and interval.isdigit() and int(interval) else None


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}"
