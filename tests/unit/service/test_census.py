from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos.config import parse_config
from kairos_service import census as module
from kairos_service.census import EMPTY, Census, Difference, after_dream, census, difference
from kairos_service.packed import Stamp, packed
from kairos_service.scope import Scope
from tests.unit.service.test_roster import as_nobody

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
SCOPE = Scope.of("claude-code", parse_config("ignore: [drafts/, '*.tmp.md']", "test"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "memory"
    write(root / "MEMORY.md", "- [a](a.md)\n")
    write(root / "a.md", "One fact.\n")
    write(root / "team" / "b.md", "Another fact.\n")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def counted(files: Mapping[str, Stamp], *unread: str) -> Census:
    return Census(packed(files), frozenset(unread))


def changed(root: Path, act: Callable[[], object]) -> Difference:
    before = census(root, SCOPE)
    act()
    return difference(before, census(root, SCOPE))


def test_a_census_counts_what_a_dream_would_read(root: Path, tmp_path: Path) -> None:
    for name in ("drafts/x.md", "a.tmp.md", ".git/x.md", "node_modules/y.md", "x.txt", ".hidden.md", "A.MD"):
        write(root / name, "text")
    write(tmp_path / "outside" / "x.md", "text")
    (root / "link.md").symlink_to(tmp_path / "outside" / "x.md")
    (root / "linked").symlink_to(tmp_path / "outside")
    (root / "folder.md").mkdir()
    os.mkfifo(root / "pipe.md")
    assert set(census(root, SCOPE).files) == {"MEMORY.md", "a.md", "team/b.md"}


def test_a_root_behind_a_link_is_counted(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert census(tmp_path / "link", SCOPE) == census(root, SCOPE)


def test_a_root_that_is_gone_has_no_census(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        census(tmp_path / "missing", SCOPE)
    write(tmp_path / "file", "")
    with pytest.raises(NotADirectoryError):
        census(tmp_path / "file", SCOPE)


def test_reading_and_foreign_files_change_nothing(root: Path) -> None:
    def read_and_lock() -> None:
        (root / "a.md").read_bytes()
        write(root / ".consolidate-lock", "123")
        write(root / ".kairos-0123456789abcdef.tmp", "half a note")
        write(root / ".a.md.swp", "an editor's")

    assert not changed(root, read_and_lock)


def test_a_new_note_counts_with_all_its_bytes(root: Path) -> None:
    assert changed(root, lambda: write(root / "c.md", "x" * 1000)) == Difference(1, 1000, 8)


def test_a_removed_note_counts_with_all_its_bytes(root: Path) -> None:
    assert changed(root, (root / "a.md").unlink) == Difference(1, len("One fact.\n"), 1)


def test_a_rewritten_note_counts_as_at_least_one_entry(root: Path) -> None:
    def rewrite() -> None:
        write(root / "a.md", "One fuct.\n")
        os.utime(root / "a.md", ns=(1, 2))

    assert changed(root, rewrite) == Difference(1, 1, 1)


def test_a_note_replaced_with_equal_size_and_time_is_noticed(root: Path) -> None:
    def replace() -> None:
        status = (root / "a.md").stat()
        write(root / "new", "Two fact.\n")
        os.utime(root / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
        (root / "new").rename(root / "a.md")

    assert changed(root, replace) == Difference(1, 1, 1)


def test_a_rename_counts_as_one_entry_without_bytes(root: Path) -> None:
    assert changed(root, lambda: (root / "a.md").rename(root / "z.md")) == Difference(1, 0, 1)


def test_what_could_not_be_read_did_not_change() -> None:
    whole = counted({"a.md": Stamp(1, 1, 1), "team/b.md": Stamp(2, 2, 2), "teams.md": Stamp(3, 3, 3)})
    blind = counted({"a.md": Stamp(1, 1, 1), "teams.md": Stamp(3, 3, 3)}, "team")
    assert not difference(whole, blind)
    assert not difference(blind, whole)
    assert difference(whole, counted({}, "team")).changed_files == 2
    assert not difference(whole, counted({}, ""))


def test_a_census_stops_at_its_limit_of_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 2)
    count = census(root, SCOPE)
    assert count.unread == {"team"}
    assert set(count.files) == {"MEMORY.md", "a.md"}


def test_the_latest_write_ignores_times_in_the_future(root: Path) -> None:
    for name, hours in (("MEMORY.md", 5), ("a.md", 2), ("team/b.md", -1)):
        time = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(root / name, (time, time))
    assert census(root, SCOPE).latest_write(NOW) == NOW - timedelta(hours=2)
    os.utime(root / "a.md", (0, -5_000_000_000))
    os.utime(root / "MEMORY.md", (0, -5_000_000_000))
    assert census(root, SCOPE).latest_write(NOW) is None
    assert EMPTY.latest_write(NOW) is None


def test_a_census_survives_a_json_file(root: Path) -> None:
    write(root / os.fsdecode(b"caf\xe9.md"), "not UTF-8, the name")
    count = census(root, SCOPE)
    text = json.loads(json.dumps(count.to_json()))
    assert Census.from_json(text) == count


@pytest.mark.parametrize("text", [None, 7, "", "abc", "\x00", EMPTY.to_json()[:-3], "ü"])
def test_a_damaged_census_is_none(text: object) -> None:
    assert Census.from_json(text) is None


def test_a_stored_census_is_small() -> None:
    files = {
        f"project-{n % 50}/note-about-{n}.md": Stamp(
            2700 + n, 1_750_000_000_123_456_789 + n * 7919, 10**6 + n
        )
        for n in range(10_000)
    }
    assert len(counted(files).to_json()) < 30 * 10_000


@pytest.mark.parametrize("ours", [["a.md", "c.md", "gone.md"], []])
def test_after_a_dream_only_what_others_wrote_counts(ours: Collection[str]) -> None:
    before = counted({name: Stamp(10, 1, n) for n, name in enumerate(("a.md", "b.md", "gone.md", "d.md"))})
    # The dream rewrote a, made c and removed gone; somebody else meanwhile rewrote b and made e.
    after = counted(
        {
            "a.md": Stamp(9, 5, 20),
            "b.md": Stamp(30, 6, 1),
            "c.md": Stamp(5, 5, 21),
            "d.md": Stamp(10, 1, 3),
            "e.md": Stamp(7, 6, 22),
        }
    )
    remembered = after_dream(before, after, ours)
    theirs = Difference(2, 27, 2)
    assert difference(remembered, after) == (theirs if ours else Difference(5, 43, 5))


def test_after_an_undisturbed_dream_nothing_has_changed(root: Path) -> None:
    before = census(root, SCOPE)
    write(root / "a.md", "One fact, merged.\n")
    (root / "team" / "b.md").unlink()
    after = census(root, SCOPE)
    assert after_dream(before, after, {"a.md", "team/b.md"}) == after


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_note_that_becomes_readable_is_counted() -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        root.chmod(0o755)
        write(root / "a.md", "One fact.\n")
        write(root / "b.md", "Another fact.\n")
        (root / "a.md").chmod(0o600)
        (root / "b.md").chmod(0o644)
        assert as_nobody(lambda: list(census(root, SCOPE).files)) == ["b.md"]
        (root / "a.md").chmod(0o644)
        assert as_nobody(lambda: list(census(root, SCOPE).files)) == ["a.md", "b.md"]
