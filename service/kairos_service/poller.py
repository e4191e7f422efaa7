"""A thread that counts notes at intervals, for roots where the kernel reports no events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kairos_service.census import Census, census
from kairos_service.looks import Looks, NoAnswerError
from kairos_service.scope import Scope

_GRACE_SECONDS = 1.0
"""How long `close` waits for the thread to end."""


@dataclass(slots=True)
class _Polled:
    scope: Scope
    was_counted: bool = False
    last: Census | None = None  # None although `was_counted`: the root could not be read


class Poller:
    """Counts its roots every `seconds`, in a thread that is started with the first root.

    That thread calls `touched` for a root whose count changed, and `shifted` when one appears or vanishes. A server
    that does not answer delays the others by one patience of `looks`, and from then on only its own roots.
    """

    def __init__(
        self, touched: Callable[[Path], None], shifted: Callable[[], None], looks: Looks, *, seconds: float
    ) -> None:
        self._looks = looks
        self._touched = touched
        self._shifted = shifted
        self._seconds = seconds
        self._roots: dict[Path, _Polled] = {}
        self._wake = threading.Event()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def add(self, root: Path, scope: Scope) -> None:
        """Start counting a root, the first time at once."""
        self._roots[root] = _Polled(scope)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="kairos-poller", daemon=True)
            self._thread.start()
        self._wake.set()

    def remove(self, root: Path) -> None:
        """Stop counting a root."""
        self._roots.pop(root, None)

    def __contains__(self, root: Path) -> bool:
        return root in self._roots

    def close(self) -> None:
        """End the thread, without waiting long for one that is stuck on a server."""
        self._is_closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_GRACE_SECONDS)

    def _run(self) -> None:
        while not self._is_closed:
            self._wake.clear()
            submitted = [
                (root, polled, self._submit(root, polled.scope))
                for root, polled in tuple(self._roots.items())
            ]
            for root, polled, count in submitted:
                if self._is_closed:
                    return
                self._poll(root, polled, count)
            self._wake.wait(self._seconds)

    def _submit(self, root: Path, scope: Scope) -> Future[Census]:
        return self._looks.submit(root, partial(census, root, scope))

    def _poll(self, root: Path, polled: _Polled, counting: Future[Census]) -> None:
        count = None
        try:
            count = counting.result()
        except NoAnswerError:
            return  # the roster reports that
        except OSError:
            pass
        before, was_counted = polled.last, polled.was_counted
        polled.last, polled.was_counted = count, True
        if self._roots.get(root) is not polled or (was_counted and count == before):
            return
        if was_counted and (count is None or before is None):
            self._shifted()
        if count is not None:  # also on the first count: somebody may have written before it
            self._touched(root)
