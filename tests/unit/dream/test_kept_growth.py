"""The kept file grows part by part; a torn or damaged part counts as never written."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from kairos.core.root.reading import Reading
from kairos.dream.kept import Kept
from kairos.dream.kept_file import open_kept, write_kept
from tests.unit.dream.keeping import FILES, VERDICT, WHERE, filled, named, paths_of

Read = Callable[[Mapping[str, str]], Reading]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.kept"


def changed(reading: Reading, known: Kept, read: Read, files: Mapping[str, str]) -> Kept:
    """Return what is kept after a dream over changed files, with one more verdict."""
    now = read({path: source.data.decode() for path, source in reading.sources.items()} | dict(files))
    after = Reading.of(now.snapshot, known.facts_of(now.snapshot))
    return Kept(named(after), {**known.verdicts, WHERE._replace(file_b="z"): VERDICT})


def test_only_new_facts_are_appended(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first = file.read_bytes()
    known = open_kept(file).kept("judge")
    later = changed(before, known, read, {"b.md": "- Open.\n"})
    write_kept(file, later, "judge", known)
    second = file.read_bytes()
    assert second.startswith(first)
    added = second[len(first) :]
    assert (b"Open." in added, b"listens" in added, b"yesterday" in added) == (True, False, False)
    again = open_kept(file)
    assert again.names == later.facts.keys()
    assert again.kept("judge").facts.keys() == later.facts.keys()
    assert again.kept("judge").verdicts == later.verdicts
    assert again.kept("another judge").verdicts == {}


def test_facts_computed_later_are_written(file: Path, read: Read) -> None:
    before = Kept(named(read(FILES)))
    write_kept(file, before, "judge")
    known = open_kept(file).kept("judge")
    facts = next(one for (path, _), one in known.facts.items() if path == "b.md")
    assert facts.stale(date(2026, 3, 2), lambda _: False)
    write_kept(file, known, "judge", known)
    again = {path: one.asked for (path, _), one in open_kept(file).kept("judge").facts.items()}
    assert again == {"a.md": known.facts[next(iter(known.facts))].asked, "b.md": facts.asked}


def test_without_anything_new_nothing_is_written(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    before = file.stat()
    known = open_kept(file).kept("judge")
    write_kept(file, known, "judge", known)
    after = file.stat()  # reading it changes its atime
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


def test_facts_of_removed_files_are_dropped(file: Path, read: Read) -> None:
    write_kept(file, filled(read(FILES)), "judge")
    assert b"listens" in file.read_bytes()
    known = open_kept(file).kept("judge")
    write_kept(file, known.without({name for name in known.facts if name[0] == "a.md"}), "judge", known)
    assert b"listens" not in file.read_bytes()
    assert [path for path, _ in open_kept(file).names] == ["b.md"]
    assert paths_of(open_kept(file).kept("judge")) == ["b.md"]


def test_after_large_changes_the_file_is_rewritten(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first, large = file.read_bytes(), "- Tea is free.\n" * 99
    known = open_kept(file).kept("judge")
    write_kept(file, changed(before, known, read, {"b.md": large}), "judge", known)
    data = file.read_bytes()
    assert not data.startswith(first)
    assert (b"yesterday" in data, b"Tea is free." in data, b"listens" in data) == (False, True, True)
    again = open_kept(file).kept("judge")
    assert again.append_point is not None
    assert again.append_point.since == 0


def test_a_growing_file_is_rewritten_now_and_then(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    sizes = []
    for number in range(20):
        known = open_kept(file).kept("judge")
        write_kept(file, changed(before, known, read, {"b.md": f"- Open on day {number}.\n"}), "judge", known)
        sizes.append(file.stat().st_size)
        assert {path for path, _ in open_kept(file).names} == set(FILES)
    assert sizes != sorted(sizes)
    assert max(sizes) < 2 * min(sizes)


def after_two_dreams(file: Path, read: Read) -> tuple[bytes, bytes, Kept]:
    """Write a kept file in two parts; returns the bytes of both, and what the first part holds."""
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first, known = file.read_bytes(), open_kept(file).kept("judge")
    write_kept(file, changed(before, known, read, {"b.md": "- Open.\n"}), "judge", known)
    return first, file.read_bytes()[len(first) :], known


@pytest.mark.parametrize("left", [1, 7, 8, 39, 40, 41, 200, -1])
def test_a_torn_part_is_ignored(file: Path, read: Read, left: int) -> None:
    first, second, known = after_two_dreams(file, read)
    file.write_bytes(first + second[:left])
    again = open_kept(file).kept("judge")
    assert (again.facts.keys(), again.verdicts) == (known.facts.keys(), known.verdicts)
    write_kept(file, again, "judge", again)  # anything after a torn part would never be read
    assert file.read_bytes() == first


@pytest.mark.parametrize("at", [0, 8, 50, -1])
def test_a_damaged_part_is_ignored(file: Path, read: Read, at: int) -> None:
    first, second, known = after_two_dreams(file, read)
    damaged = bytearray(second)
    damaged[at] ^= 0x41
    file.write_bytes(first + damaged)
    again = open_kept(file).kept("judge")
    assert (again.facts.keys(), again.verdicts, again.append_point) == (
        known.facts.keys(),
        known.verdicts,
        None,
    )


def test_facts_are_rewritten_if_the_file_was_replaced_meanwhile(file: Path, read: Read) -> None:
    first, second, known = after_two_dreams(file, read)
    again = open_kept(file).kept("judge")
    file.unlink()
    write_kept(file, Kept(), "judge")
    write_kept(file, known, "judge", again)
    assert open_kept(file).kept("judge").facts.keys() == known.facts.keys()
    file.write_bytes(first + second)
    write_kept(file, known, "judge", again)
    assert open_kept(file).kept("judge").facts.keys() == known.facts.keys()


def test_facts_are_rewritten_if_the_file_was_truncated_meanwhile(file: Path, read: Read) -> None:
    _, _, known = after_two_dreams(file, read)
    again = open_kept(file).kept("judge")
    os.truncate(file, 0)
    write_kept(file, known, "judge", again)
    assert open_kept(file).kept("judge").facts.keys() == known.facts.keys()


def test_nothing_is_written_while_the_file_is_locked(file: Path, read: Read) -> None:
    before = read(FILES)
    write_kept(file, filled(before), "judge")
    first, known = file.read_bytes(), open_kept(file).kept("judge")
    later = changed(before, known, read, {"b.md": "- Open.\n"})
    with file.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        write_kept(file, later, "judge", known)
    assert file.read_bytes() == first
    write_kept(file, later, "judge", known)
    assert file.read_bytes() != first


def test_the_file_is_rewritten_if_another_judge_wrote_it(file: Path, read: Read) -> None:
    before = filled(read(FILES))
    write_kept(file, before, "judge")
    known = open_kept(file).kept("another judge")
    write_kept(file, before, "another judge", known)
    again = open_kept(file)
    found = (dict(again.kept(judge).verdicts) for judge in ("judge", "another judge"))
    assert list(found) == [{}, {WHERE: VERDICT}]
