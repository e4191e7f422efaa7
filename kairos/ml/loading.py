"""Load a model in the background as soon as it is likely to be needed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from kairos.ml.background import in_background


class BackgroundLoad:
    """Calls `load` in another thread, once, until `reset` allows it again."""

    def __init__(self, load: Callable[[], None]) -> None:
        self._load = load
        self._futures: list[Future[None]] = []

    def begin(self) -> None:
        """Start loading. If no thread can be started, the model is loaded when it is first used."""
        if not self._futures:
            self._futures = in_background(self._load)

    def wait(self) -> None:
        """Wait until a load in progress has ended. Its errors are not raised here: using the model raises them."""
        for future in self._futures:
            future.exception()

    def reset(self) -> None:
        """Wait, then allow another `begin`. Call before unloading, or a load in progress would bring the model back."""
        self.wait()
        self._futures = []
