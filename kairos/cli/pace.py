"""The steps of a dream: who is told of them, and where a signal may end it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from kairos.store.interruption import INTERRUPTION

if TYPE_CHECKING:
    from kairos.dream.outcome import Progress

_APPLIES = "apply"


class Pace:
    """Hands each step on to all who show it. A signal ends a dream at any step until it applies its plan.

    From then on it waits until the root's report is out: what was done must be told.
    """

    def __init__(self, *shown: Progress) -> None:
        self._shown = shown
        self._held = ExitStack()
        self._holds = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` steps of a stage are done."""
        if stage != _APPLIES:
            self._let_go()  # planned anew, since an agent wrote in between
        elif not self._holds:
            self._held.enter_context(INTERRUPTION.held_back())
            self._holds = True
        for show in self._shown:
            show(stage, done, total)

    @contextmanager
    def to_the_end(self) -> Iterator[None]:
        """Take a signal that had to wait at the end of the block, which dreams over one root and reports it."""
        try:
            yield
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._holds = False
        self._held.close()
        INTERRUPTION.check()
