"""The daemon's census counts exactly what a dream reads, and its differences are what has changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.config import parse_config
from kairos.layouts import by_name
from kairos.store.files import read_snapshot
from kairos_service.census import Census, after_dream, census, difference
from kairos_service.packed import Stamp, packed
from kairos_service.scope import Scope

NAMES = (
    "MEMORY.md", "a.md", "b.MD", "2026-01-02.md", "CLAUDE.md", "x.bak.1.md", ".h.md", "t.txt", "kairos-conflicts.md"
)  # fmt: skip
DIRECTORIES = ("team", "drafts", ".git", ".hidden", "node_modules", "dreaming", "deep/er")
IGNORED = ("drafts/", "*.txt", "/team/*.md", "!team/a.md", "deep/**", "!deep/er/a.md", "a.md")

paths = st.builds(
    lambda directory, name: f"{directory}/{name}" if directory else name,
    st.sampled_from(("", *DIRECTORIES)),
    st.sampled_from(NAMES),
)
kinds = st.sampled_from(("file", "file", "file", "link", "linked directory", "directory"))
stamps = st.builds(Stamp, st.integers(0, 5), st.integers(-3, 3), st.integers(0, 9))
names = st.sampled_from(("a.md", "b.md", "d/a.md", "d/b.md", "d/e/a.md", "da.md"))
counts = st.builds(
    Census,
    st.dictionaries(names, stamps).map(packed),
    st.sampled_from((frozenset(), {"d"}, {"d/e"}, {""})).map(frozenset),
)


@contextmanager
def directory() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


def make(root: Path, path: str, kind: str, outside: Path) -> None:
    file = root / path
    if file.exists() or file.is_symlink() or any(parent.is_symlink() for parent in file.parents):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    match kind:
        case "file":
            file.write_text(path)
        case "link":
            file.symlink_to(outside / "x.md")
        case "linked directory":
            file.symlink_to(outside)
        case _:
            file.mkdir()


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(paths, kinds, max_size=12),
    st.lists(st.sampled_from(IGNORED), max_size=4),
    st.sampled_from(("plain", "claude-code")),
)
def test_a_census_counts_exactly_what_a_dream_reads(
    files: dict[str, str], ignored: list[str], layout: str
) -> None:
    config = parse_config(f"ignore: {ignored!r}", "test")
    with directory() as parent:
        (parent / "x.md").write_text("outside")
        root = parent / "root"
        root.mkdir()
        for path, kind in files.items():
            make(root, path, kind, parent)
        snapshot = read_snapshot(
            root, layout=layout, role_of=by_name(layout).role_of, ignore=config.is_ignored
        )
        counted = census(root, Scope.of(layout, config))
    assert set(counted.files) == {source.path for source in snapshot.sources}
    assert {path: stamp.mtime_ns for path, stamp in counted.files.items()} == {
        source.path: source.mtime_ns for source in snapshot.sources
    }


@given(counts, counts)
def test_only_equal_censuses_have_no_difference(before: Census, after: Census) -> None:
    told = difference(before, after)
    assert bool(told) == bool(told.changed_files) == bool(told.estimated_entries)
    assert not difference(before, before)
    if not before.unread and not after.unread:
        assert bool(told) == (before.files != after.files)
        assert told == difference(after, before)


@given(counts)
def test_a_census_survives_a_round_trip_through_json(count: Census) -> None:
    assert Census.from_json(count.to_json()) == count


@given(counts, counts, st.sets(names))
def test_after_a_dream_its_own_writes_are_known_and_all_others_count(
    before: Census, after: Census, ours: set[str]
) -> None:
    remembered = after_dream(before, after, ours)
    for path in {*before.files, *after.files}:
        known = after if path in ours else before
        assert remembered.files.get(path) == known.files.get(path)
