from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np
import pytest

from kairos.ml import index_file
from kairos.ml.encoder import Vectors
from kairos.ml.neighbour_store import Runner, Stored, run_now, stored, update_neighbourhoods
from kairos.ml.neighbourhoods import Neighbourhoods
from kairos.ml.neighbours import BruteForceNeighbours
from tests.unit.ml.vectors import unit_vectors

COUNT = 5


class Updated(NamedTuple):
    """The neighbours found, and the notices about the file."""

    found: Neighbourhoods
    notices: list[str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.faiss"


def names(count: int, prefix: str = "key") -> list[str]:
    return [f"{prefix} {number:03}" for number in range(count)]


def near(
    path: Path,
    keys: Sequence[str],
    vectors: Vectors,
    run: Runner | None = run_now,
    known: Stored | None = None,
) -> Updated:
    notices: list[str] = []
    return Updated(update_neighbourhoods(path, keys, vectors, COUNT, notices, run=run, known=known), notices)


def assert_equals_fresh_search(found: Updated, vectors: Vectors) -> None:
    expected = BruteForceNeighbours(vectors).search(vectors, COUNT)
    first = found.found.first(COUNT)
    np.testing.assert_array_equal(first.rows, expected.rows)
    np.testing.assert_allclose(first.scores, expected.scores, atol=2e-6)


def test_a_second_start_reads_the_file_and_leaves_it_alone(path: Path) -> None:
    vectors = unit_vectors(40)
    near(path, names(40), vectors)
    before = path.stat()
    index = near(path, names(40), vectors)
    assert_equals_fresh_search(index, vectors)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert index.notices == []


def test_added_removed_and_changed_keys_are_updated(path: Path) -> None:
    vectors = unit_vectors(40)
    near(path, names(40), vectors)
    order = np.random.default_rng(2).permutation(40)[:30]
    order.sort()
    keys = [f"key {number:03}" for number in order] + names(10, "new")
    changed = np.concatenate([vectors[order], unit_vectors(10, seed=3)])
    changed[4] = unit_vectors(1, seed=4)[0]
    for _ in range(2):
        index = near(path, keys, changed)
        assert_equals_fresh_search(index, changed)
    digests = [hashlib.sha256(key.encode()).hexdigest() for key in keys]
    assert list(index_file.read_index_file(path).keys) == digests  # type: ignore[union-attr]


def test_another_dimension_rebuilds_the_index_without_a_notice(path: Path) -> None:
    near(path, names(3), unit_vectors(3))
    vectors = unit_vectors(3, dimension=4)
    index = near(path, names(3), vectors)
    assert_equals_fresh_search(index, vectors)
    assert index.notices == []


@pytest.mark.parametrize("position", [0, 25, 200, -1])
def test_a_flipped_byte_is_noticed(path: Path, position: int) -> None:
    vectors = unit_vectors(10)
    near(path, names(10), vectors)
    data = bytearray(path.read_bytes())
    data[position] ^= 0x55
    path.write_bytes(data)
    index = near(path, names(10), vectors)
    assert_equals_fresh_search(index, vectors)
    assert "built again" in index.notices[0]
    assert near(path, names(10), vectors).notices == []


@pytest.mark.parametrize("data", [b"", b"\n", b"[" * 100_000 + b"\n", b"kairos neighbours 6\n{}\n"])
def test_any_other_file_is_noticed(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    assert near(path, names(2), unit_vectors(2)).notices


@pytest.mark.parametrize("payload", [b"not faiss", b""])
def test_a_payload_that_faiss_cannot_read_is_noticed(path: Path, payload: bytes) -> None:
    index_file.write_index_file(path, names(2), [payload, b"", b"", b""])
    vectors = unit_vectors(2)
    index = near(path, names(2), vectors)
    assert_equals_fresh_search(index, vectors)
    assert index.notices


def test_the_file_holds_an_index_of_faiss(path: Path) -> None:
    vectors = unit_vectors(7)
    near(path, names(7), vectors)
    content = index_file.read_index_file(path)
    assert content is not None
    index = faiss.deserialize_index(np.frombuffer(b"".join(content.parts[:2]), dtype=np.uint8))
    assert isinstance(index, faiss.IndexFlatIP)
    np.testing.assert_array_equal(index.reconstruct_n(0, 7), vectors)


def test_reading_holds_all_vectors_in_memory_only_once(path: Path) -> None:
    vectors = unit_vectors(5000, dimension=384)
    keys = [f"key {number:04}" for number in range(5000)]
    near(path, keys, vectors)
    tracemalloc.start()
    _, found = stored(path, keys, 384).of("", keys)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(found[:], vectors)
    assert peak < 2 * vectors.nbytes


def test_keys_that_do_not_match_the_payload_are_noticed(path: Path) -> None:
    near(path, names(3), unit_vectors(3))
    stored = index_file.read_index_file(path)
    assert stored is not None
    index_file.write_index_file(path, names(2), [bytes(part) for part in stored.parts])
    assert near(path, names(3), unit_vectors(3)).notices


def test_an_unwritable_path_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    vectors = unit_vectors(5)
    index = near(tmp_path / "file" / "root.faiss", names(5), vectors)
    assert_equals_fresh_search(index, vectors)
    assert "could not be kept" in index.notices[-1]


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near(path, names(2), unit_vectors(2))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kairos.ml.atomic_write.os.fsync", full)
    index = near(path, names(3), unit_vectors(3))
    assert "No space left on device" in index.notices[0]
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_the_file_is_private(path: Path) -> None:
    near(path, names(2), unit_vectors(2))
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_each_vector_needs_its_own_key(path: Path) -> None:
    for keys in (["a"], ["a", "a"], ["b", "a"]):
        with pytest.raises(ValueError, match="one key"):
            near(path, keys, unit_vectors(2))


def test_a_file_of_another_version_gives_no_notice(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"kairos neighbours 1\n{}\n")
    assert near(path, names(3), unit_vectors(3)).notices == []


def test_another_number_of_neighbours_is_searched_again(path: Path) -> None:
    vectors = unit_vectors(40)
    update_neighbourhoods(path, names(40), vectors, 2, [])
    assert_equals_fresh_search(near(path, names(40), vectors), vectors)


def test_new_vectors_do_not_hide_neighbours_that_were_left_out(path: Path) -> None:
    """A list that lost neighbours must not be filled with new ones farther away than others it never listed."""
    angles = np.linspace(0, 1, 60)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    near(path, names(60), vectors)
    kept = [0, *range(12, 60)]
    later = np.array([[np.cos(1.4), np.sin(1.4)]], dtype=np.float32)
    both = np.concatenate([vectors[kept], later])
    found = near(path, [*(names(60)[row] for row in kept), "new"], both)
    assert_equals_fresh_search(found, both)


def test_hundreds_of_equal_vectors_are_updated_in_little_memory(path: Path) -> None:
    vectors = np.concatenate(
        [np.tile(unit_vectors(1, dimension=128), (800, 1)), unit_vectors(50, seed=2, dimension=128)]
    )
    near(path, names(50, "a"), vectors[-50:])
    keys = [f"b {number:04}" for number in range(800)]
    more = near(path, [*names(50, "a"), *keys], np.concatenate([vectors[-50:], vectors[:800]]))
    assert_equals_fresh_search(more, np.concatenate([vectors[-50:], vectors[:800]]))
    again = sorted([*names(50, "a"), *keys, *names(400, "aa")])
    whole = np.concatenate([vectors[-50:], np.tile(vectors[:1], (400, 1)), vectors[:800]])
    tracemalloc.start()
    found = near(path, again, whole)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_equals_fresh_search(found, whole)
    assert peak < 120_000_000


def test_a_preview_finds_the_same_neighbours_and_writes_nothing(path: Path) -> None:
    vectors = unit_vectors(40)
    assert_equals_fresh_search(near(path, names(40), vectors, None), vectors)
    assert not path.parent.exists()
    near(path, names(30), vectors[:30])
    before = path.read_bytes()
    found = near(path, names(40), vectors, None)
    assert_equals_fresh_search(found, vectors)
    assert path.read_bytes() == before
    path.write_bytes(before[:-1])
    found = near(path, names(40), vectors, None)
    assert_equals_fresh_search(found, vectors)
    assert (path.read_bytes(), found.notices) == (before[:-1], [])


def test_the_file_may_be_written_later(path: Path) -> None:
    vectors, work = unit_vectors(40), list[Callable[[], object]]()
    found = near(path, names(40), vectors, work.append)
    assert_equals_fresh_search(found, vectors)
    assert not path.parent.exists()
    path.parent.write_text("no directory", encoding="utf-8")
    for one in work:
        one()
    assert "could not be kept" in found.notices[-1]
    path.parent.unlink()
    for one in work:
        one()
    assert stored(path, names(40), 16).old_rows.tolist() == list(range(40))


def test_the_file_does_not_reveal_the_texts(path: Path) -> None:
    near(path, names(30), unit_vectors(30))
    assert b"key 0" not in path.read_bytes()


def test_the_vectors_of_the_same_model_are_taken_over(path: Path) -> None:
    vectors = unit_vectors(6)
    update_neighbourhoods(path, names(5), vectors[:5], COUNT, [], model="one")
    known, found = stored(path, names(6), 16).of("one", names(6))
    assert known == names(5)
    np.testing.assert_array_equal(found[:], vectors[:5])
    assert stored(path, names(6), 16).of("another", names(6))[0] == []
    assert stored(path, names(6), 8).of("one", names(6))[0] == []
    assert stored(path.with_name("none"), names(6), 16).of("", names(6))[0] == []


def test_vectors_that_were_taken_over_need_not_be_held(path: Path) -> None:
    vectors = unit_vectors(40)
    near(path, names(30), vectors[:30])
    known = stored(path, names(40), 16).without_vectors()
    assert known.vectors.size == 0
    assert_equals_fresh_search(near(path, names(40), vectors, known=known), vectors)
