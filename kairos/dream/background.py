"""Background work that a dream starts and only waits for at its end."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from kairos.store.interruption import INTERRUPTION


class BackgroundWork:
    """Runs pieces of work in another thread, one at a time; their results are ignored."""

    def __init__(self) -> None:
        self._thread: Thread | None = None

    def start(self, work: Callable[[], object]) -> None:
        """Wait for the previous work, then start this one; it runs at once if no thread can be started."""
        self.close()
        if not self._start(work):
            work()

    @INTERRUPTION.held_back()
    def _start(self, work: Callable[[], object]) -> bool:
        thread = Thread(target=work)
        try:
            thread.start()
        except RuntimeError:
            return False
        self._thread = thread
        return True

    @INTERRUPTION.held_back()
    def close(self) -> None:
        """Wait until all work is done, holding signals back: ending the process earlier would leave torn files."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
