from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kairos_service import mounts
from kairos_service.watcher import Mode, WatchHealth
from tests.unit.service.ear import SCOPE, Ear, replace, write

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
def test_changes_of_notes_are_noticed(
    make_ear: Callable[..., Ear], root: Path, polling: str, change: Callable[[Path], object]
) -> None:
    ear = make_ear(polling)
    ear.watcher.watch(root, SCOPE)
    if polling == "always":
        ear.settle(root)
    assert ear.hears(root, lambda: change(root))


def test_other_files_are_not_noticed(ear: Ear, root: Path) -> None:
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


def test_a_renamed_directory_is_still_watched(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.hears(root, lambda: (root / "team").rename(root / "crew"))
    ear.hears(root, lambda: (root / "crew").rename(root / "team"))
    ear.settle(root)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))


def test_a_tree_moved_in_is_watched(ear: Ear, root: Path) -> None:
    write(root.parent / "tree" / "deep" / "c.md", "c")
    ear.watcher.watch(root, SCOPE)
    assert ear.hears(root, lambda: (root.parent / "tree").rename(root / "tree"))
    ear.settle(root)
    assert ear.hears(root, lambda: write(root / "tree" / "deep" / "c.md", "new"))


def test_a_directory_moved_out_is_no_longer_watched(ear: Ear, root: Path) -> None:
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


def test_a_root_behind_a_link_is_watched_under_its_own_name(ear: Ear, root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    ear.watcher.watch(tmp_path / "link", SCOPE)
    assert ear.hears(tmp_path / "link", lambda: write(root / "a.md", "new"))


def test_a_change_in_a_nested_root_is_reported_for_both(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.watcher.watch(root / "team", SCOPE)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))
    assert ear.hears(root / "team", lambda: write(root / "team" / "b.md", "newer"))
    ear.watcher.unwatch(root / "team")
    ear.settle(root)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "newest"))


def test_an_unwatched_root_is_not_reported(ear: Ear, root: Path, tmp_path: Path) -> None:
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
    ("kind", "mode"), [("nfs4", "polling"), ("fuse.sshfs", "polling"), ("xfs", "inotify")]
)
def test_a_root_on_a_network_file_system_is_polled(
    ear: Ear, root: Path, monkeypatch: pytest.MonkeyPatch, kind: str, mode: Mode
) -> None:
    table = root.parent / "mountinfo"
    table.write_text(f"22 1 254:0 / / rw - ext4 /dev/root rw\n30 22 0:40 / {root} rw - {kind} server:/ rw\n")
    monkeypatch.setattr(mounts, "MOUNTS", table)
    ear.watcher.watch(root, SCOPE)
    assert ear.watcher.health(root) == WatchHealth(mode)
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))


def test_new_roots_are_noticed(ear: Ear, tmp_path: Path) -> None:
    projects = tmp_path / "projects"
    (projects / "-a").mkdir(parents=True)
    places = {projects: frozenset({"*"}), projects / "-a": frozenset({"memory"})}
    assert ear.hears_shift(lambda: ear.watcher.watch_places(places))  # whatever came meanwhile is looked at
    before = ear.shifts
    ear.watcher.watch_places(places)
    write(projects / "-a" / "session.jsonl", "{}")
    time.sleep(0.1)
    assert ear.shifts == before
    assert ear.hears_shift((projects / "-a" / "memory").mkdir)
    assert ear.hears_shift((projects / "-b").mkdir)
    assert ear.hears_shift(lambda: (projects / "-a" / "memory").rename(projects / "-a" / "m"))
    assert ear.hears_shift(lambda: (projects / "-a" / "memory").symlink_to(tmp_path))
    assert ear.hears_shift(lambda: shutil.rmtree(projects))
    ear.watcher.watch_places({projects: frozenset({"*"}), tmp_path: frozenset({"projects"})})
    assert ear.hears_shift(lambda: (projects / "-a").mkdir(parents=True))
    ear.watcher.watch_places({})
    before = ear.shifts
    shutil.rmtree(projects)
    time.sleep(0.1)
    assert ear.shifts == before


def test_a_watched_place_can_also_be_a_root(ear: Ear, root: Path) -> None:
    ear.watcher.watch(root, SCOPE)
    ear.watcher.watch_places({root: frozenset({"*"})})
    before = ear.shifts
    assert ear.hears(root, lambda: write(root / "a.md", "new"))
    assert ear.shifts == before
    ear.watcher.watch_places({})
    assert ear.hears(root, lambda: write(root / "team" / "b.md", "new"))
    assert ear.hears(root, lambda: write(root / "a.md", "newer"))


def test_idle_roots_cost_one_thread_and_no_cpu_time(ear: Ear, tmp_path: Path) -> None:
    threads = threading.active_count()
    for number in range(100):
        root = tmp_path / str(number)
        for note in range(10):
            write(root / str(note) / "a.md", "x")
        ear.watcher.watch(root, SCOPE)
    ear.settle(root)
    before = time.process_time()
    time.sleep(1)
    assert time.process_time() - before < 0.1  # other threads of the process count, too
    assert threading.active_count() <= threads
