"""What need not be waited for before a dream goes on: it is done in another thread, and waited for in the end."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from kairos.store.interruption import INTERRUPTION


class Beside:
    """Does one piece of work after the other, none of which anybody needs the result of."""

    def __init__(self) -> None:
        self._thread: Thread | None = None

    def do(self, work: Callable[[], object]) -> None:
        """Begin some work; what was begun before is waited for. Where no thread is to be had, it is done at once."""
        self.close()
        if not self._begin(work):
            work()

    @INTERRUPTION.held_back()
    def _begin(self, work: Callable[[], object]) -> bool:
        thread = Thread(target=work)
        try:
            thread.start()
        except RuntimeError:
            return False
        self._thread = thread
        return True

    @INTERRUPTION.held_back()
    def close(self) -> None:
        """Wait until all is done, whatever signal comes: a process that ends before leaves halves of files."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
