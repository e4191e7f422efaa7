"""Reports that something was written in a root, and how reliably it can tell.

Events only mark a root as dirty; the census says what changed. A spurious event costs one count, and a missed one is
made up for by the next reconcile.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from kairos_service.looks import Looks, NoAnswerError
from kairos_service.mounts import is_remote
from kairos_service.poller import Poller
from kairos_service.scope import Scope

if sys.platform == "linux":
    from kairos_service.inotify import PlaceWatch, Reader, TreeWatch

Mode = Literal["inotify", "polling", "none"]

_GRACE_SECONDS = 1.0
"""How long `close` waits for the thread that reads events to end."""

_NO_MORE_WATCHES = (
    "The kernel grants no more inotify watches; raise it: sysctl fs.inotify.max_user_watches=524288."
)
_NO_INSTANCE = (
    "The kernel grants no inotify instance ({}); raise it: sysctl fs.inotify.max_user_instances=512."
)


class WatchSettings(Protocol):
    """The part of the configuration that decides how roots are watched."""

    @property
    def polling(self) -> Literal["auto", "always", "never"]:
        """Which roots are polled: "auto" means those where the kernel reports no events."""

    @property
    def poll_seconds(self) -> float:
        """The polling interval."""


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """How a root is watched, and one sentence if that is worse than it should be."""

    mode: Mode
    problem: str | None = None


@dataclass(slots=True)
class _Watched:
    """A root that should be watched: by `tree`, else by the poller, else, because of `problem`, not at all."""

    scope: Scope
    tree: TreeWatch | None = None
    problem: str | None = None


class Watcher:
    """Watches roots, and the directories ("places") in which roots can appear or vanish.

    `touched(root)` says that a note may have changed. `shifted()` says that a root may have come, gone or moved: then
    look at the roster and call `mend`. Both are called from the watcher's threads; they must not block or call the
    watcher. Its methods are for one thread at a time. `watch`, `watch_places` and `mend` access the file system, and
    wait for it no longer than the patience of `looks`.
    """

    def __init__(
        self,
        touched: Callable[[Path], None],
        shifted: Callable[[], None],
        settings: WatchSettings,
        looks: Looks | None = None,
    ) -> None:
        self._touched = touched
        self._shifted = shifted
        self._looks = looks or Looks()
        self._polling = settings.polling
        self._poller = Poller(touched, shifted, self._looks, seconds=settings.poll_seconds)
        self._roots: dict[Path, _Watched] = {}
        self._places: dict[Path, PlaceWatch] = {}
        # What one batch of events said; only the reader's thread writes to it.
        self._batch: set[Path] = set()
        self._has_shifted = False
        self._is_closed = False
        self._reader: Reader | None = None
        self._reader_problem: str | None = None
        self._start_reader()

    def watch(self, root: Path, scope: Scope) -> None:
        """Watch a root, replacing any watch on it; `health` says how well that went."""
        self.unwatch(root)
        if not self._is_closed:
            watched = self._roots[root] = _Watched(scope)
            self._start_watch(root, watched)

    def unwatch(self, root: Path) -> None:
        """Stop watching a root."""
        watched = self._roots.pop(root, None)
        if watched is not None and watched.tree is not None:
            watched.tree.stop()
        self._poller.remove(root)

    def watch_places(self, places: Mapping[Path, frozenset[str]]) -> None:
        """Watch exactly these directories for names that match their patterns.

        If that adds a place, `shifted` is called once: a root may have come since the look that found the places.
        """
        for place, watch in list(self._places.items()):
            if watch.is_lost or places.get(place) != watch.patterns:
                watch.stop()
                del self._places[place]
        before = len(self._places)
        for place, patterns in places.items():
            self._watch_place(place, patterns)
        if len(self._places) > before:
            self._shifted()

    def health(self, root: Path) -> WatchHealth:
        """Return how a root is watched."""
        watched = self._roots.get(root)
        if watched is None:
            return WatchHealth("none", "It is not watched.")
        if root in self._poller:
            return WatchHealth("polling", watched.problem)
        if watched.tree is None or not self._is_reading():
            return WatchHealth("none", watched.problem or "The thread that reads inotify has died.")
        if watched.tree.is_lost:
            return WatchHealth("none", "The directory was deleted, moved or unmounted.")
        if watched.tree.is_limited:
            seen = watched.tree.directories
            return WatchHealth("inotify", f"Only {seen} of its directories are watched. {_NO_MORE_WATCHES}")
        return WatchHealth("inotify", watched.problem)

    def mend(self) -> tuple[Path, ...]:
        """Watch again every root that is not watched as it should be, and return these roots: events were lost there.

        Cheap if all is well; meant for every reconcile.
        """
        if self._is_closed:
            return ()
        if not self._is_reading():  # the thread died, or the kernel granted no inotify instance
            self._places.clear()  # the next `watch_places` watches them again
            self._start_reader()
        looked = [
            (root, watched, self._looks.submit(root, root.stat)) for root, watched in self._roots.items()
        ]
        broken = tuple(root for root, watched, look in looked if self._needs_mending(root, watched, look))
        for root in broken:
            self.watch(root, self._roots[root].scope)
        return broken

    def close(self) -> None:
        """Stop watching and end the threads."""
        self._is_closed = True
        self._poller.close()
        if self._reader is not None:
            self._reader.stop()
            self._reader.join(_GRACE_SECONDS)

    def _start_reader(self) -> None:
        if sys.platform != "linux":
            self._reader_problem = "This system has no inotify."
            return
        self._reader = self._reader_problem = None
        try:
            self._reader = Reader(self._end_batch)
        except OSError as error:
            self._reader_problem = _NO_INSTANCE.format(error.strerror)
            return
        self._reader.start()

    def _is_reading(self) -> bool:
        return self._reader is not None and self._reader.is_alive()

    def _start_watch(self, root: Path, watched: _Watched) -> None:
        if self._polling == "always" or (self._polling == "auto" and self._is_remote(root)):
            self._poller.add(root, watched.scope)
        elif self._reader is None:
            self._fall_back(root, watched, self._reader_problem)
        else:
            self._start_inotify(self._reader, root, watched)

    def _is_remote(self, root: Path) -> bool:
        try:
            return self._looks.run(root, partial(is_remote, root))
        except NoAnswerError:
            return True  # a local disk would have answered

    def _start_inotify(self, reader: Reader, root: Path, watched: _Watched) -> None:
        tree = TreeWatch(
            reader,
            root,
            watched.scope,
            touched=partial(self._batch.add, root),
            lost=self._mark_shift,
            elsewhere=lambda work: self._catch_up(root, tree, work),
        )
        try:
            self._looks.run(root, tree.start)
        except OSError as error:
            tree.stop()
            if error.errno == errno.ENOSPC:
                self._fall_back(root, watched, _NO_MORE_WATCHES)
            else:
                watched.problem = f"It cannot be watched: {error.strerror}."
            return
        if tree.is_limited and self._polling != "never":
            tree.stop()  # the watches that it did get are more use elsewhere
            self._fall_back(root, watched, _NO_MORE_WATCHES)
        else:
            watched.tree = tree

    def _catch_up(self, root: Path, tree: TreeWatch, work: Callable[[], None]) -> None:
        """Run `work` for a tree off the reader's thread, then mark the root: no event reports what came meanwhile."""

        def caught_up(_: object) -> None:
            if not self._is_closed:
                self._touched(root)
                if tree.is_lost:
                    self._shifted()

        self._looks.submit(root, work).add_done_callback(caught_up)

    def _fall_back(self, root: Path, watched: _Watched, problem: str | None) -> None:
        watched.problem = problem
        if self._polling != "never":
            self._poller.add(root, watched.scope)

    def _watch_place(self, place: Path, patterns: frozenset[str]) -> None:
        if self._reader is None or self._is_closed or place in self._places:
            return
        watch = partial(PlaceWatch, self._reader, place, patterns, self._mark_shift)
        with suppress(OSError):  # gone meanwhile, or out of watches: the next reconcile looks anyway
            self._places[place] = self._looks.run(place, watch)

    def _needs_mending(self, root: Path, watched: _Watched, look: Future[os.stat_result]) -> bool:
        if watched.tree is None:
            return root not in self._poller or (watched.problem is not None and self._reader is not None)
        if watched.tree.is_lost or watched.tree.is_limited or not self._is_reading():
            return True
        try:
            status = look.result()
        except NoAnswerError:
            return False  # once it answers, the count finds whatever the events missed
        except OSError:
            return True
        return watched.tree.identity != (status.st_dev, status.st_ino)

    def _mark_shift(self) -> None:
        self._has_shifted = True

    def _end_batch(self) -> None:
        """Report each root once, however many events it had in this batch."""
        touched, has_shifted = set(self._batch), self._has_shifted
        self._batch.clear()
        self._has_shifted = False
        if self._is_closed:
            return
        for root in touched:
            self._touched(root)
        if has_shifted:
            self._shifted()
