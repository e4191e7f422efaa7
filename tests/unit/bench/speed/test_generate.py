import statistics
from collections import Counter
from pathlib import Path

import pytest

from bench.speed.generate import Kind, MadeNote, Profile, change, generate
from kairos.core.root.reading import Reading
from kairos.layouts import detect
from kairos.model import INDEX_BUDGET, Entry, Role
from kairos.store.files import read_snapshot
from tests.conftest import contents

LARGE = 10**7


def reading(root: Path) -> Reading:
    layout = detect(root)
    assert layout.name == "claude-code"
    snapshot = read_snapshot(
        root, layout=layout.name, role_of=layout.role_of, max_bytes=LARGE, ignore=lambda _: False
    )
    return Reading.of(snapshot)


def entries(root: Path) -> list[Entry]:
    found = reading(root)
    return [entry for entry in found.entries.values() if found.note_of(entry).role is Role.NOTE]


@pytest.mark.parametrize("profile", [*Profile])
@pytest.mark.parametrize("count", [1, 7, 200, 1503])
def test_kairos_reads_exactly_the_entries_that_were_made(
    tmp_path: Path, count: int, profile: Profile
) -> None:
    made = generate(tmp_path, count, seed=3, profile=profile)
    found = entries(tmp_path)
    assert len(found) == count
    texts = [entry.text for entry in found]
    written = [entry.text.replace("`", "") for note in sorted(made, key=path_of) for entry in note.entries]
    assert texts == written


def path_of(note: MadeNote) -> str:
    return note.path


def test_equal_seeds_give_equal_bytes_and_others_do_not(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        generate(tmp_path / name, 150, seed=seed)
    assert contents(tmp_path / "one") == contents(tmp_path / "same")
    assert contents(tmp_path / "one") != contents(tmp_path / "other")


def test_one_entry_in_ten_is_a_duplicate(tmp_path: Path) -> None:
    made = generate(tmp_path, 6000)
    kinds = Counter(entry.kind for note in made for entry in note.entries)
    duplicates = sum(count for kind, count in kinds.items() if kind.is_duplicate)
    assert 0.085 <= duplicates / 6000 <= 0.115
    assert all(kinds[kind] > 60 for kind in (Kind.EXACT, Kind.REWORDED, Kind.CONTAINED))
    assert kinds[Kind.CONFLICT] > 20
    assert kinds[Kind.STALE] > 10


def test_the_notes_are_as_long_as_real_ones(tmp_path: Path) -> None:
    short = generate(tmp_path / "short", 4000)
    long = generate(tmp_path / "long", 4000, profile=Profile.LONG)
    assert 3.5 <= 4000 / len(short) <= 4.5
    assert 2000 <= statistics.median(len(note.data) for note in long) <= 3400
    words = [len(entry.text.split()) for note in short for entry in note.entries]
    assert min(words) >= 8
    assert max(words) <= 50


def test_the_index_points_to_notes_within_its_budget(tmp_path: Path) -> None:
    generate(tmp_path, 2000)
    data = (tmp_path / "MEMORY.md").read_bytes()
    assert len(data) <= INDEX_BUDGET.bytes
    assert data.count(b"\n") <= INDEX_BUDGET.lines
    targets = [line.partition("](")[2].partition(")")[0] for line in data.decode().splitlines()[2:]]
    assert len(targets) > 100
    assert all((tmp_path / target).is_file() for target in targets)


def test_a_share_of_the_entries_is_edited_in_place(tmp_path: Path) -> None:
    generate(tmp_path, 500)
    before, names = {entry.id: entry.raw for entry in entries(tmp_path)}, contents(tmp_path)
    assert change(tmp_path, share=0.02, seed=5) == 10
    after = Counter(entry.raw for entry in entries(tmp_path))
    assert after.total() == 500
    assert (after - Counter(before.values())).total() == 10
    assert sum(names[name] != data for name, data in contents(tmp_path).items()) <= 10
    assert contents(tmp_path).keys() == names.keys()
