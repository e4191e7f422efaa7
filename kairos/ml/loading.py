"""A model that is loaded beside what is done meanwhile, from the moment on when it is likely to be asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class LoadedBeside:
    """Has `load` called in another thread, once until it is let go of."""

    def __init__(self, load: Callable[[], None]) -> None:
        self._load = load
        self._begun: Future[None] | None = None

    def begin(self) -> None:
        """Begin to load; where no thread is to be had, whoever asks the model loads it."""
        if self._begun is None:
            beside = ThreadPoolExecutor(1)
            try:
                self._begun = beside.submit(self._load)
            except RuntimeError:
                return
            finally:
                beside.shutdown(wait=False)

    def wait(self) -> None:
        """Wait for what was begun. What is wrong with the model, it says itself when it is asked."""
        if self._begun is not None:
            self._begun.exception()

    def let_go(self) -> None:
        """Wait, and be ready to begin anew: else a model that is unloaded would be there again a moment later."""
        self.wait()
        self._begun = None
