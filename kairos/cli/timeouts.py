"""File system calls with a time limit. A call to a server that has gone away blocks for ever, and no signal interrupts
it: here each call gets a thread, and only that thread hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from kairos.errors import SilenceError

TIMEOUT_SECONDS = 10.0

T = TypeVar("T")

_current = threading.local()


class TimedCall(Generic[T]):
    """Work on a place that starts at once in a thread. Several started together time out together, not in turn."""

    def __init__(self, place: object, work: Callable[[], T]) -> None:
        self._place = place
        self._work = work
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._has_ended = threading.Event()
        threading.Thread(target=self._run, name="kairos-timed-call", daemon=True).start()

    def switch_place(self, place: object) -> None:
        """Continue with another place: errors name that one, and the time limit starts again."""
        self._place, self._deadline = place, time.monotonic() + TIMEOUT_SECONDS

    def _run(self) -> None:
        _current.call = self
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again by `result`
            self._error = error
        self._has_ended.set()

    def result(self) -> T:
        """Return the result of the work, or raise its error; raises SilenceError if it takes too long."""
        while not self._has_ended.wait(max(0.0, self._deadline - time.monotonic())):
            if time.monotonic() >= self._deadline:
                raise SilenceError(
                    f"{self._place} does not answer: its server or disk may be gone, or another program holds it.",
                    "Mount it again, or end that program, then run this again.",
                )
        if self._error is not None:
            raise self._error
        return self._results[0]


def switch_place(place: object) -> None:
    """Within the work of a `TimedCall`, say which place it continues with. Does nothing elsewhere."""
    call: TimedCall[object] | None = getattr(_current, "call", None)
    if call is not None:
        call.switch_place(place)


def with_timeout(place: object, work: Callable[[], T]) -> T:
    """Do the work on a place and return its result or raise its error; raises SilenceError if it takes too long."""
    return TimedCall(place, work).result()
