"""Signals that ask the process to end: they take effect at once, but never in the midst of a transaction.

A signal concerns the whole process, so what is known about it is known once, here.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """SIGTERM asked the process to end. Like KeyboardInterrupt no error, for nobody shall catch it as one."""


_RAISED = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}


class Interruption:
    """Whether somebody wants the process to end, and how many blocks that must first come to theirs are running."""

    def __init__(self) -> None:
        self._holding = 0
        self._arrived: int | None = None

    def listen(self) -> None:
        """From now on SIGINT raises KeyboardInterrupt and SIGTERM raises Terminated, as soon as nothing is held.

        What was started with one of them ignored, by `nohup` or a shell's `&`, goes on ignoring it.
        """
        for number in _RAISED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._arrive)

    def check(self) -> None:
        """Raise what arrived, unless something is held.

        Also where it was raised before: an exception out of nowhere is lost in a callback or a destructor.
        """
        if self._arrived is not None and not self._holding:
            raise _RAISED[signal.Signals(self._arrived)]

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let signals wait until the block has ended; blocks may hold others."""
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
            self.check()

    def _arrive(self, number: int, _frame: FrameType | None) -> None:
        self._arrived = number
        self.check()


INTERRUPTION = Interruption()
"""The one of this process; silent until a program calls `listen`."""
