"""How a watcher copes with roots that vanish and return, and with lost events."""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from kairos_service.watcher import WatchHealth
from tests.unit.service.ear import SCOPE, SOON, Ear, write


@pytest.mark.parametrize(
    "lose", [shutil.rmtree, lambda root: root.rename(root.parent / "aside")], ids=["deleted", "renamed"]
)
def test_a_vanished_root_is_noticed_and_watched_again_when_it_returns(
    ear: Ear, root: Path, lose: Callable[[Path], object]
) -> None:
    ear.watcher.watch(root, SCOPE)
    assert ear.watcher.health(root) == WatchHealth("inotify")
    assert ear.watcher.mend() == ()
    assert ear.hears_shift(lambda: lose(root))
    assert ear.watcher.health(root) == WatchHealth("none", "The directory was deleted, moved or unmounted.")
    assert ear.watcher.mend() == (root,)
    assert ear.watcher.health(root) == WatchHealth("none", "It cannot be watched: No such file or directory.")
    root.mkdir()
    assert ear.watcher.mend() == (root,)
    assert ear.watcher.health(root) == WatchHealth("inotify")
    assert ear.hears(root, lambda: write(root / "a.md", "new"))


def test_a_swapped_root_is_watched_again(ear: Ear, root: Path) -> None:
    """Like a mount over the root: the old directory lives on, and no event is reported."""
    parent = root.parent / "parent"
    parent.mkdir()
    root.rename(parent / "memory")
    ear.watcher.watch(parent / "memory", SCOPE)
    parent.rename(root.parent / "old")
    write(parent / "memory" / "a.md", "another")
    assert ear.watcher.health(parent / "memory") == WatchHealth("inotify")
    assert ear.watcher.mend() == (parent / "memory",)
    assert ear.hears(parent / "memory", lambda: write(parent / "memory" / "a.md", "new"))


def test_a_polled_root_that_vanishes_and_returns_is_noticed(make_ear: Callable[..., Ear], root: Path) -> None:
    ear = make_ear("always")
    ear.watcher.watch(root, SCOPE)
    assert ear.watcher.health(root) == WatchHealth("polling")
    assert ear.watcher.mend() == ()
    ear.settle(root)
    assert ear.hears_shift(lambda: root.rename(root.parent / "aside"))
    assert ear.hears_shift(lambda: (root.parent / "aside").rename(root))
    ear.watcher.unwatch(root)
    assert ear.watcher.health(root).mode == "none"


def test_a_flood_is_reported_in_batches_and_nothing_is_missed(ear: Ear, root: Path) -> None:
    """Several writers make more events than the kernel's queue holds, and new directories among them."""
    ear.watcher.watch(root, SCOPE)

    def flood(writer: int) -> None:
        for number in range(1500):
            write(root / f"w{writer}-{number % 7}" / f"{number}.md", "x")

    def all_at_once() -> None:
        writers = [threading.Thread(target=flood, args=(writer,)) for writer in range(4)]
        for thread in writers:
            thread.start()
        for thread in writers:
            thread.join()

    assert ear.hears(root, all_at_once)
    count = ear.settle(root)
    assert count < 3000  # of at least 18,000 events
    for writer in range(4):
        for number in range(7):
            assert ear.hears(root, lambda w=writer, n=number: write(root / f"w{w}-{n}" / "last.md", "x"))  # type: ignore[misc]


def test_after_lost_events_everything_is_watched_again(
    ear: Ear, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.watcher.watch_places({root.parent: frozenset({"*"})})
    reader = ear.watcher._reader
    assert reader is not None
    gate = threading.Event()
    assert ear.hears(root, lambda: write(root / "a.md", "the reader stands still after this"))
    monkeypatch.setattr(
        reader, "handle_event", lambda event: (gate.wait(SOON), type(reader).handle_event(reader, event))
    )
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())

    def lose_events() -> None:
        write(root / "a.md", "new")
        for number in range(limit // 4 + 100):  # created, written, closed, removed
            write(root / f"{number}.md", "x")
            (root / f"{number}.md").unlink()
        write(root / "late" / "deep" / "c.md", "its creation is lost")
        gate.set()

    assert ear.hears_shift(lose_events)  # may be reported before the last change
    ear.settle(root)
    assert ear.watcher.health(root) == WatchHealth("inotify")
    assert ear.hears(root, lambda: write(root / "late" / "deep" / "c.md", "new"))


def test_a_dead_reader_is_noticed_and_restarted(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    reader = ear.watcher._reader
    assert reader is not None
    reader.stop()
    reader.join()
    assert ear.watcher.health(root).mode == "none"
    assert ear.watcher.mend() == (root,)
    assert ear.watcher.health(root) == WatchHealth("inotify")
    assert ear.hears(root, lambda: write(root / "a.md", "new"))


def test_after_any_turmoil_every_directory_is_watched(ear: Ear, root: Path) -> None:
    """Two threads create, move and remove directories faster than their events are read."""
    ear.watcher.watch(root, SCOPE)
    end = time.monotonic() + 1.5

    def stir(seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311
        places = [root / name for name in ("a", "b", "a/c", "a/c/d", "b/c", "b/c/d")]
        while time.monotonic() < end:
            place, other = rng.sample(places, 2)
            with suppress(OSError, shutil.Error):
                match rng.randrange(4):
                    case 0 | 1:
                        place.mkdir()
                    case 2:
                        place.rename(other)
                    case _:
                        shutil.rmtree(place)

    threads = [threading.Thread(target=stir, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ear.settle(root)
    assert ear.watcher.health(root) == WatchHealth("inotify")
    tree = ear.watcher._roots[root].tree
    assert tree is not None
    there = {"", *(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir())}
    assert sorted(path for path, _ in tree._watches.values()) == sorted(there)
