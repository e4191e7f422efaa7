"""The steps of a dream: who shows them, and at which of them a signal may end the dream."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from kairos.store.interruption import INTERRUPTION

if TYPE_CHECKING:
    from kairos.dream.outcome import Progress

_APPLYING = "apply"


class ProgressRelay:
    """Passes each step on to everything that shows progress, and holds signals back while a plan is applied.

    A signal ends the dream at any step before that. From then on it waits until the root's report is printed, because
    the user must be told what was done.
    """

    def __init__(self, *shown: Progress) -> None:
        self._displays = shown
        self._hold = ExitStack()
        self._is_holding = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` out of `total` steps of a stage are complete."""
        if stage != _APPLYING:
            self._release()  # an agent wrote in the meantime, so the dream is planned again
        elif not self._is_holding:
            self._hold.enter_context(INTERRUPTION.held_back())
            self._is_holding = True
        for show in self._displays:
            show(stage, done, total)

    @contextmanager
    def deferring_signals(self) -> Iterator[None]:
        """At the end of the block, which dreams over one root and reports it, deliver a signal that was held back."""
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        self._is_holding = False
        self._hold.close()
        INTERRUPTION.check()
