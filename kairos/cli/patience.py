"""Questions to file systems for which nobody waits for ever: a server that went away holds up whoever asks it, and no
signal frees them. What is asked here costs a thread, and that one alone hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from kairos.errors import SilenceError

PATIENCE_SECONDS = 10.0

T = TypeVar("T")

_own = threading.local()


class Question(Generic[T]):
    """A question about a place that is being asked from now on; several at once take one patience between them."""

    def __init__(self, place: object, work: Callable[[], T]) -> None:
        self._place = place
        self._work = work
        self._deadline = time.monotonic() + PATIENCE_SECONDS
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._has_ended = threading.Event()
        threading.Thread(target=self._ask, name="kairos-question", daemon=True).start()

    def turn_to(self, place: object) -> None:
        """Ask about another place from here on; the patience begins anew."""
        self._place, self._deadline = place, time.monotonic() + PATIENCE_SECONDS

    def _ask(self) -> None:
        _own.question = self
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - it is whoever waits for it who has to know
            self._error = error
        self._has_ended.set()

    def answer(self) -> T:
        """Return, or raise, what the work does; raises SilenceError where that takes too long."""
        while not self._has_ended.wait(max(0.0, self._deadline - time.monotonic())):
            if time.monotonic() >= self._deadline:
                raise SilenceError(
                    f"{self._place} does not answer: its server or disk may be gone, or another program holds it.",
                    "Mount it anew, or end that program, and run this again.",
                )
        if self._error is not None:
            raise self._error
        return self._results[0]


def turn_to(place: object) -> None:
    """Say, in the work of a question, which place it asks about from here on. Elsewhere it does nothing."""
    question: Question[object] | None = getattr(_own, "question", None)
    if question is not None:
        question.turn_to(place)


def answered(place: object, work: Callable[[], T]) -> T:
    """Ask about a place, and return or raise what the work does; raises SilenceError where that takes too long."""
    return Question(place, work).answer()
