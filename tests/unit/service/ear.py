"""A listener for a watcher's notices, and helpers that change watched files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kairos.config import parse_config
from kairos_service.scope import Scope
from kairos_service.watcher import Watcher

SCOPE = Scope.of("plain", parse_config("ignore: [drafts/]", "test"))


SOON = 5.0
"""Seconds that a notice may take on a busy machine; usually it takes a millisecond."""


@dataclass(frozen=True)
class Settings:
    polling: Literal["auto", "always", "never"] = "auto"
    poll_seconds: float = 0.05


class Ear:
    """A watcher, and a record of its notices."""

    def __init__(self, settings: Settings) -> None:
        self._news = threading.Condition()
        self.touched: dict[Path, int] = {}
        self.shifts = 0
        self.watcher = Watcher(self._touch, self._shift, settings)

    def _touch(self, root: Path) -> None:
        with self._news:
            self.touched[root] = self.touched.get(root, 0) + 1
            self._news.notify_all()

    def _shift(self) -> None:
        with self._news:
            self.shifts += 1
            self._news.notify_all()

    def hears(self, root: Path, act: Callable[[], object]) -> bool:
        """Whether an action makes the watcher report that the root was touched."""
        before = self.touched.get(root, 0)
        act()
        return self._wait(lambda: self.touched.get(root, 0) > before)

    def hears_shift(self, act: Callable[[], object]) -> bool:
        before = self.shifts
        act()
        return self._wait(lambda: self.shifts > before)

    def _wait(self, is_told: Callable[[], bool]) -> bool:
        with self._news:
            return self._news.wait_for(is_told, SOON)

    def settle(self, root: Path) -> int:
        """Return how often the root was touched so far, once all earlier events have been reported."""
        assert self.hears(root, lambda: write(root / "mark.md", "x"))
        time.sleep(0.1)  # creating, writing and closing may be reported in several batches
        return self.touched[root]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def replace(path: Path, text: str) -> None:
    """Save a file as careful editors do: write another one, and rename it."""
    write(path.with_name(".swap"), text)
    path.with_name(".swap").rename(path)
