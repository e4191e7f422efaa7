from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from kairos.config import parse_config
from kairos_service import mounts
from kairos_service.scope import Scope
from kairos_service.watcher import Mode, Watcher, WatchHealth

SCOPE = Scope.of("plain", parse_config("ignore: [drafts/]", "test"))
SOON = 5.0
"""Seconds that a notice may take on a busy machine; mostly it takes a millisecond."""


@dataclass(frozen=True)
class Settings:
    polling: Literal["auto", "always", "never"] = "auto"
    poll_seconds: float = 0.05


class Ear:
    """A watcher, and what it told."""

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
        """Whether doing this touches the root."""
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
        """How often the root was touched until now, all that came before included."""
        assert self.hears(root, lambda: write(root / "mark.md", "x"))
        time.sleep(0.1)  # creation, writing and closing may come in several batches
        return self.touched[root]


@pytest.fixture
def make_ear() -> Iterator[Callable[..., Ear]]:
    ears: list[Ear] = []

    def make(polling: Literal["auto", "always", "never"] = "auto") -> Ear:
        ears.append(Ear(Settings(polling)))
        return ears[-1]

    yield make
    for ear in ears:
        ear.watcher.close()


@pytest.fixture
def ear(make_ear: Callable[..., Ear]) -> Ear:
    return make_ear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "memory"
    write(root / "a.md", "One fact.\n")
    write(root / "team" / "b.md", "Another fact.\n")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def replace(path: Path, text: str) -> None:
    """Save as careful editors do."""
    write(path.with_name(".swap"), text)
    path.with_name(".swap").rename(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a note is written": lambda root: write(root / "a.md", "new"),
    "a note is made": lambda root: write(root / "c.md", "new"),
    "a note is replaced": lambda root: replace(root / "a.md", "new"),
    "a note is removed": lambda root: (root / "a.md").unlink(),
    "a note is renamed": lambda root: (root / "a.md").rename(root / "z.md"),
    "a note moves out": lambda root: (root / "a.md").rename(root.parent / "a.md"),
    "a note below is written": lambda root: write(root / "team" / "b.md", "new"),
    "a directory comes with a note": lambda root: write(root / "new" / "deep" / "c.md", "new"),
    "a directory is removed": lambda root: shutil.rmtree(root / "team"),
    "a directory moves out": lambda root: (root / "team").rename(root.parent / "team"),
    "a link to a note is made": lambda root: os.link(root / "a.md", root / "c.md"),
}


@pytest.mark.parametrize("polling", ["never", "always"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_may_change_a_note_is_heard(
    make_ear: Callable[..., Ear], root: Path, polling: str, change: Callable[[Path], object]
) -> None:
    ear = make_ear(polling)
    ear.watcher.watch(root, SCOPE)
    if polling == "always":
        ear.settle(root)
    assert ear.hears(root, lambda: change(root))


def test_what_is_no_note_is_not_heard(ear: Ear, root: Path) -> None:
    write(root / "drafts" / "x.md", "x")
    ear.watcher.watch(root, SCOPE)
    before = ear.settle(root)
    for name in ("x.txt", ".kairos-0123456789abcdef.tmp", ".consolidate-lock", ".a.md.swp", "drafts/y.md"):
        write(root / name, "x")
        (root / name).unlink()
    write(root / ".git" / "deep" / "x.md", "x")
    (root / "a.md").read_bytes()
    (root / "a.md").chmod(0o600)
    list(root.iterdir())
    time.sleep(0.1)
    assert ear.touched[root] == before


def test_a_directory_that_was_renamed_is_still_heard(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.hears(root, lambda: (root / "team").rename(root / "crew"))
    ear.hears(root, lambda: (root / "crew").rename(root / "team"))
    ear.settle(root)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))


def test_a_tree_that_moved_in_is_heard(ear: Ear, root: Path) -> None:
    write(root.parent / "tree" / "deep" / "c.md", "c")
    ear.watcher.watch(root, SCOPE)
    assert ear.hears(root, lambda: (root.parent / "tree").rename(root / "tree"))
    ear.settle(root)
    assert ear.hears(root, lambda: write(root / "tree" / "deep" / "c.md", "new"))


def test_what_moved_out_is_no_longer_heard(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.hears(root, lambda: (root / "team").rename(root.parent / "team"))
    before = ear.settle(root)
    write(root.parent / "team" / "b.md", "new")
    time.sleep(0.1)
    assert ear.touched[root] == before


def test_links_are_not_followed(ear: Ear, root: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside" / "x.md", "x")
    (root / "link").symlink_to(tmp_path / "outside")
    ear.watcher.watch(root, SCOPE)
    before = ear.settle(root)
    write(tmp_path / "outside" / "x.md", "new")
    time.sleep(0.1)
    assert ear.touched[root] == before


def test_a_root_behind_a_link_is_heard_under_its_own_name(ear: Ear, root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    ear.watcher.watch(tmp_path / "link", SCOPE)
    assert ear.hears(tmp_path / "link", lambda: write(root / "a.md", "new"))


def test_a_root_inside_another_is_heard_by_both(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.watcher.watch(root / "team", SCOPE)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))
    assert ear.hears(root / "team", lambda: write(root / "team" / "b.md", "newer"))
    ear.watcher.unwatch(root / "team")
    ear.settle(root)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "newest"))


def test_a_root_that_is_unwatched_is_not_heard(ear: Ear, root: Path, tmp_path: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.watcher.watch(root, SCOPE)
    ear.watcher.unwatch(root)
    ear.watcher.unwatch(root)
    write(root / "a.md", "new")
    write(tmp_path / "other" / "a.md", "x")
    ear.watcher.watch(tmp_path / "other", SCOPE)
    ear.settle(tmp_path / "other")
    assert root not in ear.touched
    assert ear.watcher.health(root) == WatchHealth("none", "It is not watched.")


@pytest.mark.parametrize(
    "lose", [shutil.rmtree, lambda root: root.rename(root.parent / "aside")], ids=["deleted", "renamed"]
)
def test_a_root_that_is_gone_is_noticed_and_mended_when_it_is_back(
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


def test_a_root_that_was_swapped_is_mended(ear: Ear, root: Path) -> None:
    """As a mount over it does: the old directory lives on, without a word."""
    parent = root.parent / "parent"
    parent.mkdir()
    root.rename(parent / "memory")
    ear.watcher.watch(parent / "memory", SCOPE)
    parent.rename(root.parent / "old")
    write(parent / "memory" / "a.md", "another")
    assert ear.watcher.health(parent / "memory") == WatchHealth("inotify")
    assert ear.watcher.mend() == (parent / "memory",)
    assert ear.hears(parent / "memory", lambda: write(parent / "memory" / "a.md", "new"))


def test_a_polled_root_that_comes_and_goes_is_noticed(make_ear: Callable[..., Ear], root: Path) -> None:
    ear = make_ear("always")
    ear.watcher.watch(root, SCOPE)
    assert ear.watcher.health(root) == WatchHealth("polling")
    assert ear.watcher.mend() == ()
    ear.settle(root)
    assert ear.hears_shift(lambda: root.rename(root.parent / "aside"))
    assert ear.hears_shift(lambda: (root.parent / "aside").rename(root))
    ear.watcher.unwatch(root)
    assert ear.watcher.health(root).mode == "none"


@pytest.mark.parametrize(
    ("kind", "mode"), [("nfs4", "polling"), ("fuse.sshfs", "polling"), ("xfs", "inotify")]
)
def test_a_root_on_a_network_is_polled(
    ear: Ear, root: Path, monkeypatch: pytest.MonkeyPatch, kind: str, mode: Mode
) -> None:
    table = root.parent / "mountinfo"
    table.write_text(f"22 1 254:0 / / rw - ext4 /dev/root rw\n30 22 0:40 / {root} rw - {kind} server:/ rw\n")
    monkeypatch.setattr(mounts, "MOUNTS", table)
    ear.watcher.watch(root, SCOPE)
    assert ear.watcher.health(root) == WatchHealth(mode)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))


def test_roots_are_looked_out_for(ear: Ear, tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    (projects / "-a").mkdir(parents=True)
    places = {projects: frozenset({"*"}), projects / "-a": frozenset({"memory"})}
    assert ear.hears_shift(lambda: ear.watcher.look_out(places))  # whatever came meanwhile is looked at
    before = ear.shifts
    ear.watcher.look_out(places)
    write(projects / "-a" / "session.jsonl", "{}")
    time.sleep(0.1)
    assert ear.shifts == before
    assert ear.hears_shift((projects / "-a" / "memory").mkdir)
    assert ear.hears_shift((projects / "-b").mkdir)
    assert ear.hears_shift(lambda: (projects / "-a" / "memory").rename(projects / "-a" / "m"))
    assert ear.hears_shift(lambda: (projects / "-a" / "memory").symlink_to(tmp_path))
    assert ear.hears_shift(lambda: shutil.rmtree(projects))
    ear.watcher.look_out({projects: frozenset({"*"}), tmp_path: frozenset({"projects"})})
    assert ear.hears_shift(lambda: (projects / "-a").mkdir(parents=True))
    ear.watcher.look_out({})
    before = ear.shifts
    shutil.rmtree(projects)
    time.sleep(0.1)
    assert ear.shifts == before


def test_a_place_can_be_a_root_too(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.watcher.look_out({root: frozenset({"*"})})
    before = ear.shifts
    assert ear.hears(root, lambda: write(root / "a.md", "new"))
    assert ear.shifts == before
    ear.watcher.look_out({})
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))
    assert ear.hears(root, lambda: write(root / "a.md", "newer"))


def test_a_flood_is_told_once_a_batch_and_nothing_is_missed(ear: Ear, root: Path) -> None:
    """More than the kernel's queue holds, by several writers, with directories that come in the midst of it."""
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


def test_after_lost_events_the_root_is_marked_and_all_is_watched(
    ear: Ear, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.watcher.look_out({root.parent: frozenset({"*"})})
    reader = ear.watcher._reader
    assert reader is not None
    gate = threading.Event()
    assert ear.hears(root, lambda: write(root / "a.md", "the reader stands still after this"))
    monkeypatch.setattr(
        reader, "handle_event", lambda event: (gate.wait(SOON), type(reader).handle_event(reader, event))
    )
    write(root / "a.md", "new")
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(limit // 4 + 100):  # created, written, closed, removed
        write(root / f"{number}.md", "x")
        (root / f"{number}.md").unlink()
    write(root / "late" / "deep" / "c.md", "its creation is lost")
    assert ear.hears_shift(gate.set)
    ear.settle(root)
    assert ear.watcher.health(root) == WatchHealth("inotify")
    assert ear.hears(root, lambda: write(root / "late" / "deep" / "c.md", "new"))


def test_a_reader_that_died_is_noticed_and_mended(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    reader = ear.watcher._reader
    assert reader is not None
    reader.stop()
    reader.join()
    assert ear.watcher.health(root).mode == "none"
    assert ear.watcher.mend() == (root,)
    assert ear.watcher.health(root) == WatchHealth("inotify")
    assert ear.hears(root, lambda: write(root / "a.md", "new"))


def test_idle_roots_cost_a_thread_and_no_time(ear: Ear, tmp_path: Path) -> None:
    threads = threading.active_count()
    for number in range(100):
        root = tmp_path / str(number)
        for note in range(10):
            write(root / str(note) / "a.md", "x")
        ear.watcher.watch(root, SCOPE)
    ear.settle(root)
    before = time.process_time()
    time.sleep(1)
    assert time.process_time() - before < 0.01
    assert threading.active_count() <= threads


def test_after_any_turmoil_every_directory_is_watched(ear: Ear, root: Path) -> None:
    """Directories made, moved and removed faster than their events are read, by two at once."""
    ear.watcher.watch(root, SCOPE)
    end = time.monotonic() + 1.5

    def stir(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311
        places = [root / name for name in ("a", "b", "a/c", "a/c/d", "b/c", "b/c/d")]
        while time.monotonic() < end:
            place, other = dice.sample(places, 2)
            with suppress(OSError, shutil.Error):
                match dice.randrange(4):
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
