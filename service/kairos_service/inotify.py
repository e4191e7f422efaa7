"""Kernel watches (inotify) on roots, and on the directories in which roots can appear or vanish.

Built on watchdog's inotify reader rather than its observer, which starts a thread per root, hides lost events from its
handlers, and silently watches less than it was asked to once the limit on watches is reached. Here one thread serves
all roots.
"""

from __future__ import annotations

import errno
import itertools
import os
import threading
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

from kairos_service.looks import heartbeat
from kairos_service.scope import Scope, below

_IN = InotifyConstants
_SELF = _IN.IN_DELETE_SELF | _IN.IN_MOVE_SELF
# IN_MASK_ADD: the kernel keeps one watch per directory, and another user of it may have asked for other events.
_NAMES = Mask(_IN.IN_CREATE | _IN.IN_DELETE | _IN.IN_MOVE | _SELF | _IN.IN_ONLYDIR | _IN.IN_MASK_ADD)
_WRITES = Mask(_NAMES | _IN.IN_MODIFY | _IN.IN_CLOSE_WRITE | _IN.IN_EXCL_UNLINK | _IN.IN_DONT_FOLLOW)
_SELF_IS_GONE = _SELF | _IN.IN_UNMOUNT
_ids = itertools.count(1)
_BATCH_PAUSE = 0.002
"""Pause between reads, in seconds, so that a flood arrives in a few batches however fast the reader is."""


class Reader(InotifyFD):
    """The thread that reads all events; it calls `batch_ended` after each batch."""

    def __init__(self, batch_ended: Callable[[], None]) -> None:
        super().__init__()
        self.name = "kairos-inotify"
        self._batch_ended = batch_ended

    def run(self) -> None:
        """Read until stopped."""
        while self.should_keep_running():
            for event in self.read_events():
                self.handle_event(event)
            self._batch_ended()
            time.sleep(_BATCH_PAUSE)


class TreeWatch(WatchCallback):
    """The watches on one root and on all directories in it that may hold notes.

    The reader's thread calls `touched` for whatever may have changed a note, and `lost` when the root itself vanished
    or moved away. That thread never accesses the file system, which may hang: it hands such work to `elsewhere`.
    `is_limited`: the kernel granted fewer watches than there are directories.
    """

    def __init__(
        self,
        reader: Reader,
        root: Path,
        scope: Scope,
        *,
        touched: Callable[[], None],
        lost: Callable[[], None],
        elsewhere: Callable[[Callable[[], None]], None],
    ) -> None:
        self._reader = reader
        self._root = str(root)
        self._scope = scope
        self._touched = touched
        self._lost = lost
        self._elsewhere = elsewhere
        self._lock = threading.RLock()
        self._watches: dict[WatchDescriptor, tuple[str, CallbackId]] = {}
        self._pending: list[str] = []
        self._is_stopped = False
        self.is_limited = False
        self.is_lost = False
        self.identity = (0, 0)

    @property
    def directories(self) -> int:
        """The number of directories watched."""
        return len(self._watches)

    def start(self) -> None:
        """Start watching; raises OSError if the root cannot be watched at all."""
        self._root = os.path.realpath(self._root)
        status = Path(self._root).stat()
        self.identity = (status.st_dev, status.st_ino)
        self._add("")

    def stop(self) -> None:
        """Release all watches."""
        with self._lock:
            self._is_stopped = True
            self._drop("")

    def on_event(self, event: InotifyEvent) -> None:
        """Take one event of the kernel."""
        with self._lock:
            watch = self._watches.get(event.wd)
            if watch is None or self._is_stopped:
                return
            directory = watch[0]
            if event.mask & _SELF_IS_GONE:
                if not directory:  # a subdirectory's parent reports it as well
                    self._report_lost()
            elif event.name:
                self._on_entry_event(below(directory, os.fsdecode(event.name)), event)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """Forget a watch that the kernel removed: its directory is gone or unmounted."""
        with self._lock:
            watch = self._watches.pop(wd, None)
            if watch is not None and not watch[0] and not self._is_stopped:
                self._report_lost()

    def on_queue_overflow(self) -> None:
        """Events were lost: new directories may be unwatched, and any note may have changed."""
        with self._lock:
            if self._is_stopped or self.is_lost:
                return
            self._drop("")
            self._add_later("")
            self._touched()

    def _on_entry_event(self, path: str, event: InotifyEvent) -> None:
        if not event.mask & _IN.IN_ISDIR:
            if self._scope.has_note(path):
                self._touched()
        elif self._scope.has_notes_below(path):
            if event.is_moved_from or event.is_delete:
                self._drop(path)
            else:
                self._add_later(path)
            self._touched()

    def _report_lost(self) -> None:
        if not self.is_lost:
            self.is_lost = True
            self._lost()

    def _add_later(self, top: str) -> None:
        """Have a directory watched `elsewhere`, off the reader's thread; one such job serves a whole burst."""
        self._pending.append(top)
        if len(self._pending) == 1:
            self._elsewhere(self._add_pending)

    def _add_pending(self) -> None:
        while True:
            with self._lock:
                if not self._pending:
                    return
                top = self._pending[0]
            try:
                self._add(top)
            except OSError:
                self.is_lost = True
            with self._lock:
                del self._pending[0]

    def _add(self, top: str) -> None:
        """Watch a directory and those below it. Each is watched before it is listed, so that none slips through."""
        pending = [top]
        while pending:
            directory = pending.pop()
            try:
                self._watch(directory)
                pending += self._scope.directories(self._root, directory)
            except OSError as error:
                self.is_limited = self.is_limited or error.errno == errno.ENOSPC
                if not directory:
                    raise
                if self.is_limited:
                    return

    def _watch(self, directory: str) -> None:
        number = CallbackId(next(_ids))
        path = os.fsencode(os.path.join(self._root, directory) if directory else self._root)  # noqa: PTH118
        heartbeat()
        os.lstat(path)  # a file system that hangs does so here, before we take the lock that the reader needs
        with self._lock:
            wd = _request_watch(self._reader, path, _WRITES, self, number)
            known = self._watches.get(wd)
            if known is not None:  # the same directory, already watched under another name
                self._reader.remove_callbacks([(wd, known[1])])
            self._watches[wd] = (directory, number)
            if self._is_stopped:
                self._drop("")

    def _drop(self, top: str) -> None:
        gone = [
            (wd, number)
            for wd, (directory, number) in self._watches.items()
            if not top or directory == top or directory.startswith(f"{top}/")
        ]
        for wd, _ in gone:
            del self._watches[wd]
        self._reader.remove_callbacks(gone)


class PlaceWatch(WatchCallback):
    """The watch on one directory in which roots can appear or vanish under names that match one of `patterns`.

    `shifted` is called by the reader's thread.
    """

    def __init__(
        self, reader: Reader, place: Path, patterns: frozenset[str], shifted: Callable[[], None]
    ) -> None:
        self.patterns = patterns
        self._reader = reader
        self._shifted = shifted
        self._number = CallbackId(next(_ids))
        place.stat()  # a file system that hangs does so here, as in TreeWatch
        self._wd = _request_watch(reader, os.fsencode(place), _NAMES, self, self._number)
        self.is_lost = False

    def stop(self) -> None:
        """Release the watch."""
        if not self.is_lost:
            self.is_lost = True
            self._reader.remove_callbacks([(self._wd, self._number)])

    def on_event(self, event: InotifyEvent) -> None:
        """Take one event of the kernel."""
        if event.mask & (_IN.IN_MODIFY | _IN.IN_CLOSE_WRITE):  # asked for by another watch on this directory
            return
        name = os.fsdecode(event.name)
        if event.mask & _SELF_IS_GONE or any(fnmatchcase(name, pattern) for pattern in self.patterns):
            self._shifted()

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:  # noqa: ARG002 - there is only one
        """The directory is gone."""
        self.is_lost = True
        self._shifted()

    def on_queue_overflow(self) -> None:
        """Events were lost: a root may have come or gone."""
        self._shifted()


def _request_watch(
    reader: Reader, path: bytes, mask: Mask, callback: WatchCallback, number: CallbackId
) -> WatchDescriptor:
    """Ask the kernel for a watch; raises OSError, with ENOSPC at the limit."""
    wd = reader.add_callback(path, mask, callback, number)
    if wd < 0:  # the library mistakes a refusal for a watch
        reader.remove_callbacks([(wd, number)])
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return wd
