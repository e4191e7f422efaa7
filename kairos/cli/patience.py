"""File system calls with a time limit. A call to a server that has gone away blocks for ever, and no signal interrupts
it: here each call gets a thread, and only that thread hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from kairos.errors import SilenceError

PATIENCE_SECONDS = 10.0

T = TypeVar("T")

_current = threading.local()


class Question(Generic[T]):
    """Work on a place that starts at once in a thread. Several started together time out together, not in turn."""

    def __init__(self, place: object, work: Callable[[], T]) -> None:
        self._place = place
        self._work = work
        self._deadline = time.monotonic() + PATIENCE_SECONDS
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._has_ended = threading.Event()
        threading.Thread(target=self._ask, name="kairos-question", daemon=True).start()

    def turn_to(self, place: object) -> None:
        """Continue with another place: errors name that one, and the time limit starts again."""
        self._place, self._deadline = place, time.monotonic() + PATIENCE_SECONDS

    def _ask(self) -> None:
        _current.question = self
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again by `answer`
            self._error = error
        self._has_ended.set()

    def answer(self) -> T:
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


def turn_to(place: object) -> None:
    """Within the work of a question, say which place it continues with. Does nothing elsewhere."""
    question: Question[object] | None = getattr(_current, "question", None)
    if question is not None:
        question.turn_to(place)


def answered(place: object, work: Callable[[], T]) -> T:
    """Do the work on a place and return its result or raise its error; raises SilenceError if it takes too long."""
    return Question(place, work).answer()
