from __future__ import annotations

import hashlib
import resource
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Timer

import numpy as np
import pytest

from kairos.ml.cache import CachedEncoder
from kairos.ml.encoder import Progress, Vectors
from kairos.ml.threads import usable_cores


class HashEncoder:
    """An encoder with meaningless vectors; it records the texts it was asked for, and can fail after some."""

    name = "hash"

    def __init__(self, fingerprint: str = "one", *, dimension: int = 8, fails_after: int = 10**9) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.asked: list[str] = []
        self._fails_after = fails_after
        self.loaded = 0
        self.unloaded = False

    def load(self) -> None:
        self.loaded += 1

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        if len(self.asked) + len(texts) > self._fails_after:
            raise KeyboardInterrupt
        self.asked += texts
        rows = [self._vector(text) for text in texts]
        if progress is not None:
            progress(len(texts), len(texts))
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def lengths(self, texts: Sequence[str]) -> Sequence[int]:
        return [len(text.split()) for text in texts]

    def unload(self) -> None:
        self.unloaded = True

    def _vector(self, text: str) -> Vectors:
        seed = hashlib.sha256((self.fingerprint + text).encode("utf-8", "surrogatepass")).digest()
        vector = np.frombuffer(seed[: self.dimension], dtype=np.uint8).astype(np.float32) + 1
        return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "vectors.db"


TEXTS = ["kiln", "glaze", "kiln", "", "caf\udce9", "陶"]


def test_cached_vectors_are_the_encoders_bit_by_bit(path: Path) -> None:
    expected = HashEncoder().encode(TEXTS).tobytes()
    for _ in range(2):
        assert CachedEncoder(HashEncoder(), path).encode(TEXTS).tobytes() == expected


def test_only_new_texts_reach_the_encoder_and_each_once(path: Path) -> None:
    first, second = HashEncoder(), HashEncoder()
    CachedEncoder(first, path).encode(TEXTS)
    CachedEncoder(second, path).encode([*TEXTS, "clay", "clay"])
    assert sorted(first.asked) == sorted(set(TEXTS))
    assert second.asked == ["clay"]


def test_texts_embedded_in_the_background_are_embedded_once_and_kept(path: Path) -> None:
    CachedEncoder(HashEncoder(), path).encode(["kiln"])
    inner = HashEncoder()
    encoder = CachedEncoder(inner, path)
    encoder.begin([*TEXTS, "clay", "clay"])
    found = encoder.encode(TEXTS)
    assert sorted(inner.asked) == sorted({*TEXTS, "clay"} - {"kiln"})
    assert found.tobytes() == HashEncoder().encode(TEXTS).tobytes()
    again = HashEncoder()
    CachedEncoder(again, path).encode(["clay"])
    assert again.asked == []


def test_background_vectors_are_available_even_if_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    inner = HashEncoder()
    encoder = CachedEncoder(inner, tmp_path / "file" / "vectors.db")
    encoder.begin(["kiln"])
    assert encoder.encode(["kiln"]).tobytes() == HashEncoder().encode(["kiln"]).tobytes()
    assert inner.asked == ["kiln"]


def test_unused_background_work_does_no_harm(path: Path) -> None:
    inner = HashEncoder(fails_after=2)
    encoder = CachedEncoder(inner, path)
    encoder.begin(["kiln"])
    encoder.begin(["clay"])  # another root; the first text was kept
    encoder.begin(["glaze"])  # fails
    known = HashEncoder().encode(["kiln", "clay"]).tobytes()
    assert encoder.encode(["kiln", "clay"]).tobytes() == known
    assert inner.asked == ["kiln", "clay"]
    with pytest.raises(KeyboardInterrupt):  # as `HashEncoder` does when it fails
        encoder.encode(["glaze"])


def test_background_work_leaves_one_core_free(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cores: list[int] = []

    class Counting(HashEncoder):
        def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
            cores.append(usable_cores())
            return super().encode(texts, progress=progress)

    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    encoder = CachedEncoder(Counting(), path)
    encoder.begin(["kiln"])
    encoder.encode(["kiln"])
    encoder.encode(["clay"])
    assert cores == [3, 4]


def test_a_background_batch_holds_texts_that_the_encoder_finds_equally_long(path: Path) -> None:
    batches: list[set[int]] = []

    class Noting(HashEncoder):
        def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
            batches.append(set(self.lengths(texts)))
            return super().encode(texts, progress=progress)

    encoder = CachedEncoder(Noting(), path)
    texts = [f"{'kiln ' * words}{'x' * number}" for number in range(1, 17) for words in (0, 1, 2)]
    encoder.begin(texts)
    for vectors in encoder._begun:
        vectors.result(60)
    assert encoder.encode(texts).tobytes() == HashEncoder().encode(texts).tobytes()
    assert batches == [{1}, {2}, {3}]


def test_pending_background_texts_are_embedded_on_demand(path: Path) -> None:
    texts = [f"kiln {number}" for number in range(500)]
    started, wanted = Event(), Event()

    class Slow(HashEncoder):
        def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
            started.set()
            wanted.wait(60)
            return super().encode(texts, progress=progress)

    inner = Slow()
    encoder = CachedEncoder(inner, path)
    encoder.begin(texts)
    begun = list(encoder._begun)
    started.wait(60)
    Timer(0.2, wanted.set).start()
    assert encoder.encode(texts).tobytes() == HashEncoder().encode(texts).tobytes()
    assert sorted(inner.asked) == sorted(texts)
    assert [vectors.cancelled() for vectors in begun] == [False] + [True] * (len(begun) - 1)


def test_known_texts_start_no_background_work(path: Path) -> None:
    CachedEncoder(HashEncoder(), path).encode(TEXTS)
    encoder = CachedEncoder(HashEncoder(fails_after=0), path)
    encoder.begin(TEXTS)
    encoder.encode(TEXTS)


def test_an_error_in_the_background_is_raised_when_vectors_are_requested(path: Path) -> None:
    encoder = CachedEncoder(HashEncoder(fails_after=0), path)
    encoder.begin(["kiln"])
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(["kiln"])


@pytest.mark.usefixtures("no_threads")
def test_texts_are_embedded_on_demand_if_no_thread_can_be_started(path: Path) -> None:
    inner = HashEncoder()
    encoder = CachedEncoder(inner, path)
    encoder.begin(TEXTS)
    assert np.array_equal(encoder.encode(TEXTS), HashEncoder().encode(TEXTS))


def test_models_do_not_share_vectors(path: Path) -> None:
    CachedEncoder(HashEncoder("one"), path).encode(["kiln"])
    other = HashEncoder("two", dimension=4)
    assert CachedEncoder(other, path).encode(["kiln"]).shape == (1, 4)
    assert other.asked == ["kiln"]


def test_encoding_no_texts_asks_no_model(path: Path) -> None:
    encoder = HashEncoder()
    assert CachedEncoder(encoder, path).encode([]).shape == (0, 8)
    assert encoder.asked == []


def test_a_cached_encoder_has_the_identity_of_its_encoder(path: Path) -> None:
    cached = CachedEncoder(HashEncoder(), path)
    assert (cached.name, cached.fingerprint, cached.dimension) == ("hash", "one", 8)


def test_progress_counts_all_distinct_texts(path: Path) -> None:
    seen: list[tuple[int, int]] = []
    CachedEncoder(HashEncoder(), path).encode(["a"])
    cached = CachedEncoder(HashEncoder(), path)
    cached.encode([str(number) for number in range(600)] + ["a"], progress=lambda *step: seen.append(step))
    assert seen == [(513, 601), (601, 601)]


def test_an_interrupted_run_keeps_its_work(path: Path) -> None:
    texts = [f"text {number}" for number in range(600)]
    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(HashEncoder(fails_after=520), path).encode(texts)
    again = HashEncoder()
    CachedEncoder(again, path).encode(texts)
    assert len(again.asked) == 600 - 512


def test_the_file_is_private_whatever_the_umask(path: Path) -> None:
    CachedEncoder(HashEncoder(), path).encode(["kiln"])
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_damaged_file_is_moved_aside_and_reported(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    cached = CachedEncoder(HashEncoder(), path)
    assert cached.encode(TEXTS).tobytes() == HashEncoder().encode(TEXTS).tobytes()
    assert len(cached.notices) == 1
    assert "moved to vectors.db.corrupt" in cached.notices[0]
    assert path.with_name("vectors.db.corrupt").read_bytes().startswith(b"this is no database")
    warm = HashEncoder()
    CachedEncoder(warm, path).encode(TEXTS)
    assert warm.asked == []


def test_a_file_damaged_in_the_middle_changes_no_result(path: Path) -> None:
    texts = [f"text {number}" for number in range(500)]
    CachedEncoder(HashEncoder(), path).encode(texts)
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = b"\xff" * (len(data) // 2 - 4096)
    path.write_bytes(data)
    cached = CachedEncoder(HashEncoder(), path)
    assert cached.encode(texts).tobytes() == HashEncoder().encode(texts).tobytes()
    assert cached.notices


@pytest.mark.parametrize("blob", [b"", b"\0" * 32, b"\xff" * 32, b"\0" * 31])
def test_an_invalid_vector_is_computed_again(path: Path, blob: bytes) -> None:
    CachedEncoder(HashEncoder(), path).encode(["kiln"])
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE vectors SET vector = ?", (blob,))
        database.commit()
    encoder = HashEncoder()
    assert CachedEncoder(encoder, path).encode(["kiln"]).tobytes() == encoder.encode(["kiln"]).tobytes()


def test_an_unwritable_path_is_reported_once_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    cached = CachedEncoder(HashEncoder(), tmp_path / "file" / "vectors.db")
    assert cached.encode(TEXTS).tobytes() == HashEncoder().encode(TEXTS).tobytes()
    cached.encode(["more"])
    assert len(cached.notices) == 1
    assert "set cache_dir" in cached.notices[0]


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Let no file grow beyond `limit` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_what_fitted_and_stops_nothing(path: Path) -> None:
    texts = [f"text {number}" for number in range(2000)]
    cached = CachedEncoder(HashEncoder(), path)
    with full_disk(150_000):
        vectors = cached.encode(texts)
    assert vectors.tobytes() == HashEncoder().encode(texts).tobytes()
    assert len(cached.notices) == 1
    again = HashEncoder()
    assert CachedEncoder(again, path).encode(texts).tobytes() == vectors.tobytes()
    assert 0 < len(again.asked) < 2000


def test_several_encoders_at_once_share_the_file(path: Path) -> None:
    texts = [f"text {number}" for number in range(1000)]
    expected = HashEncoder().encode(texts).tobytes()
    several = [CachedEncoder(HashEncoder(), path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda cached: cached.encode(texts).tobytes(), several))
    assert results == [expected] * 4
    assert [cached.notices for cached in several] == [[]] * 4


def test_the_encoder_inside_is_unloaded(path: Path) -> None:
    encoder = HashEncoder()
    CachedEncoder(encoder, path).unload()
    assert encoder.unloaded


def test_a_model_is_loaded_once_in_the_background(path: Path) -> None:
    inner = HashEncoder()
    encoder = CachedEncoder(inner, path)
    encoder.load()
    encoder.load()
    encoder.begin(["kiln"])
    assert encoder.encode(TEXTS).tobytes() == HashEncoder().encode(TEXTS).tobytes()
    assert inner.loaded == 1


def test_an_unloaded_model_can_be_loaded_in_the_background_again(path: Path) -> None:
    inner = HashEncoder()
    encoder = CachedEncoder(inner, path)
    for _ in range(2):
        encoder.load()
        encoder.unload()
    assert (inner.loaded, inner.unloaded) == (2, True)
