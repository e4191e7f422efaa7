"""Signals that ask the process to end: they take effect at once, but never in the middle of a transaction.

A signal concerns the whole process, so what is known about it is kept once, here.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """SIGTERM asked the process to end. Like KeyboardInterrupt it is no error: nobody shall catch it as one."""


_RAISED = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Terminated}


class Interruption:
    """Whether the process was asked to end, and how many blocks are running that have to finish first."""

    def __init__(self) -> None:
        self._held_blocks = 0
        self._arrived: int | None = None

    def listen(self) -> None:
        """From now on SIGINT raises KeyboardInterrupt and SIGTERM raises Terminated, once no block holds them back.

        A signal that was ignored when the process started, by `nohup` or a shell's `&`, stays ignored.
        """
        for number in _RAISED:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._arrive)

    def check(self) -> None:
        """Raise what arrived, unless a block holds it back.

        It is raised again even if it was raised before: an exception that a signal handler raises can get lost in a
        callback or a destructor.
        """
        if self._arrived is not None and not self._held_blocks:
            raise _RAISED[signal.Signals(self._arrived)]

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Hold signals back until the block has ended; blocks may be nested."""
        self._held_blocks += 1
        try:
            yield
        finally:
            self._held_blocks -= 1
            self.check()

    def _arrive(self, number: int, _frame: FrameType | None) -> None:
        self._arrived = number
        self.check()


INTERRUPTION = Interruption()
"""The instance of this process; inactive until a program calls `listen`."""
