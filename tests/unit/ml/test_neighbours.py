from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kairos.ml import index_file
from kairos.ml.encoder import Vectors
from kairos.ml.neighbours import BruteForceNeighbours, FaissNeighbours, Neighbours

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.faiss"


def unit_vectors(count: int, *, seed: int = 1, dimension: int = 16) -> Vectors:
    vectors: Vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def names(count: int, prefix: str = "key") -> list[str]:
    return [f"{prefix} {number}" for number in range(count)]


def assert_finds_like_brute_force(index: FaissNeighbours, vectors: Vectors, k: int = 5) -> None:
    expected = BruteForceNeighbours(vectors).search(vectors, k)
    found = index.search(vectors, k)
    np.testing.assert_array_equal(found.rows, expected.rows)
    np.testing.assert_allclose(found.scores, expected.scores, atol=2e-6)


def test_best_first_and_by_row_among_equals(path: Path) -> None:
    vectors = np.array([[0, 1], [1, 0], [0, 1], [1, 0], [0.6, 0.8]], dtype=np.float32)
    searched: list[Neighbours] = [
        BruteForceNeighbours(vectors),
        FaissNeighbours.load_or_build(path, names(5), vectors),
    ]
    for neighbours in searched:
        found = neighbours.search(vectors[:1], 4)
        assert found.rows.tolist() == [[0, 2, 4, 1]]
        np.testing.assert_allclose(found.scores, [[1, 1, 0.8, 0]], atol=1e-6)


def test_many_equals_are_cut_by_row(path: Path) -> None:
    vectors = np.tile(unit_vectors(1), (100, 1))
    found = FaissNeighbours.load_or_build(path, names(100), vectors).search(vectors[:3], 7)
    assert found.rows.tolist() == [list(range(7))] * 3


def test_more_neighbours_than_vectors_gives_all(path: Path) -> None:
    vectors = unit_vectors(3)
    assert_finds_like_brute_force(FaissNeighbours.load_or_build(path, names(3), vectors), vectors, k=9)


def test_an_empty_index_finds_nothing(path: Path) -> None:
    index = FaissNeighbours.load_or_build(path, [], unit_vectors(0))
    assert index.search(unit_vectors(2), 3).rows.shape == (2, 0)
    assert index.search(unit_vectors(0), 3).rows.shape == (0, 0)


def test_a_second_start_reads_the_file_and_leaves_it_alone(path: Path) -> None:
    vectors = unit_vectors(40)
    FaissNeighbours.load_or_build(path, names(40), vectors)
    before = path.stat()
    index = FaissNeighbours.load_or_build(path, names(40), vectors)
    assert_finds_like_brute_force(index, vectors)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert (len(index), index.notices) == (40, [])


def test_added_removed_changed_and_reordered_keys_are_followed(path: Path) -> None:
    vectors = unit_vectors(40)
    FaissNeighbours.load_or_build(path, names(40), vectors)
    order = np.random.default_rng(2).permutation(40)[:30]
    keys = [f"key {number}" for number in order] + names(10, "new")
    changed = np.concatenate([vectors[order], unit_vectors(10, seed=3)])
    changed[4] = unit_vectors(1, seed=4)[0]
    for _ in range(2):
        index = FaissNeighbours.load_or_build(path, keys, changed)
        assert len(index) == 40
        assert_finds_like_brute_force(index, changed)
    assert set(index_file.read_index_file(path).keys) == set(keys)  # type: ignore[union-attr]


def test_another_dimension_starts_anew_without_a_notice(path: Path) -> None:
    FaissNeighbours.load_or_build(path, names(3), unit_vectors(3))
    vectors = unit_vectors(3, dimension=4)
    index = FaissNeighbours.load_or_build(path, names(3), vectors)
    assert_finds_like_brute_force(index, vectors)
    assert index.notices == []


@pytest.mark.parametrize("position", [0, 25, 200, -1])
def test_a_flipped_byte_is_noticed(path: Path, position: int) -> None:
    vectors = unit_vectors(10)
    FaissNeighbours.load_or_build(path, names(10), vectors)
    data = bytearray(path.read_bytes())
    data[position] ^= 0x55
    path.write_bytes(data)
    index = FaissNeighbours.load_or_build(path, names(10), vectors)
    assert_finds_like_brute_force(index, vectors)
    assert "built again" in index.notices[0]
    assert FaissNeighbours.load_or_build(path, names(10), vectors).notices == []


@pytest.mark.parametrize("data", [b"", b"\n", b"[" * 100_000 + b"\n", b"kairos neighbours 1\n{}\n"])
def test_any_other_file_is_noticed(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    assert FaissNeighbours.load_or_build(path, names(2), unit_vectors(2)).notices


@pytest.mark.parametrize("payload", [b"not faiss", b""])
def test_a_payload_that_faiss_cannot_read_is_noticed(path: Path, payload: bytes) -> None:
    index_file.write_index_file(path, names(2), payload)
    vectors = unit_vectors(2)
    index = FaissNeighbours.load_or_build(path, names(2), vectors)
    assert_finds_like_brute_force(index, vectors)
    assert index.notices


def test_keys_that_do_not_fit_the_payload_are_noticed(path: Path) -> None:
    FaissNeighbours.load_or_build(path, names(3), unit_vectors(3))
    stored = index_file.read_index_file(path)
    assert stored is not None
    index_file.write_index_file(path, names(2), stored.payload)
    assert FaissNeighbours.load_or_build(path, names(3), unit_vectors(3)).notices


def test_a_place_that_cannot_be_written_is_noticed_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    vectors = unit_vectors(5)
    index = FaissNeighbours.load_or_build(tmp_path / "file" / "root.faiss", names(5), vectors)
    assert_finds_like_brute_force(index, vectors)
    assert "could not be kept" in index.notices[-1]


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FaissNeighbours.load_or_build(path, names(2), unit_vectors(2))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kairos.ml.index_file.os.fsync", full)
    index = FaissNeighbours.load_or_build(path, names(3), unit_vectors(3))
    assert "No space left on device" in index.notices[0]
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_the_file_is_private(path: Path) -> None:
    FaissNeighbours.load_or_build(path, names(2), unit_vectors(2))
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_each_vector_needs_its_own_key(path: Path) -> None:
    for keys in (["a"], ["a", "a"]):
        with pytest.raises(ValueError, match="one key"):
            FaissNeighbours.load_or_build(path, keys, unit_vectors(2))


def test_brute_force_needs_no_faiss() -> None:
    program = "import sys, kairos.ml.neighbours; raise SystemExit('faiss' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
