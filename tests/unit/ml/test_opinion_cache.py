from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from kairos.errors import ModelError
from kairos.ml.onnx_judge import OnnxJudge
from kairos.ml.opinion_cache import CachedJudge
from kairos.model import Opinion


class HashJudge:
    """A judge with meaningless opinions; it records the pairs it was asked about, and can fail after some."""

    name = "hash"

    def __init__(self, fingerprint: str = "one", *, fails_after: int = 10**9) -> None:
        self.fingerprint = fingerprint
        self.asked: list[tuple[str, str]] = []
        self.loaded = 0
        self._fails_after = fails_after
        self.unloaded = False

    def load(self) -> None:
        self.loaded += 1
        if self._fails_after == 0:
            raise ModelError("There is no model.", "Install it.")

    def opinions(
        self, pairs: Sequence[tuple[str, str]], progress: Callable[[int, int], None] | None = None
    ) -> list[Opinion]:
        if len(self.asked) + len(pairs) > self._fails_after:
            raise KeyboardInterrupt
        self.asked += pairs
        if progress is not None:
            progress(len(pairs), len(pairs))
        return [self._opinion(a, b) for a, b in pairs]

    def unload(self) -> None:
        self.unloaded = True

    def _opinion(self, a: str, b: str) -> Opinion:
        if a > b:
            return self._opinion(b, a).mirrored()
        seed = hashlib.sha256(repr((self.fingerprint, a, b)).encode()).digest()
        same, ab, ba, conflict, distinct, newer_a, newer_b = ((byte + 1) / 768 for byte in seed[:7])
        return Opinion(same, ab, ba, conflict, distinct, newer_a, newer_b, whole=seed[7] % 2 == 0)


PAIRS = [("kiln", "oven"), ("oven", "kiln"), ("kiln", "kiln"), ("", "caf\udce9"), ("ab", "c"), ("a", "bc")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "opinions.db"


def test_cached_opinions_are_the_models_bit_by_bit(path: Path) -> None:
    for _ in range(2):
        assert CachedJudge(HashJudge(), path).opinions(PAIRS) == HashJudge().opinions(PAIRS)


def test_the_tiny_model_answers_alike_with_a_cold_and_a_warm_cache(path: Path, tiny_judge: Path) -> None:
    alone = OnnxJudge(tiny_judge).opinions(PAIRS)
    assert [CachedJudge(OnnxJudge(tiny_judge), path).opinions(PAIRS) for _ in range(2)] == [alone] * 2


def test_only_new_pairs_reach_the_model_and_each_once(path: Path) -> None:
    first, second = HashJudge(), HashJudge()
    CachedJudge(first, path).opinions(PAIRS)
    CachedJudge(second, path).opinions([*PAIRS, ("new", "pair"), ("pair", "new")])
    assert len(first.asked) == len(PAIRS) - 1
    assert second.asked == [("new", "pair")]


def test_models_do_not_share_opinions(path: Path) -> None:
    CachedJudge(HashJudge("one"), path).opinions(PAIRS)
    other = HashJudge("two")
    assert CachedJudge(other, path).opinions(PAIRS) == HashJudge("two").opinions(PAIRS)
    assert other.asked


def test_a_cached_judge_has_the_identity_of_its_judge(path: Path) -> None:
    cached = CachedJudge(HashJudge(), path)
    assert (cached.name, cached.fingerprint) == ("hash", "one")
    assert cached.opinions([]) == []


def test_progress_counts_all_distinct_pairs(path: Path) -> None:
    seen: list[tuple[int, int]] = []
    CachedJudge(HashJudge(), path).opinions([("a", "b")])
    pairs = [(f"note {number}", "other") for number in range(300)]
    CachedJudge(HashJudge(), path).opinions([*pairs, ("b", "a")], lambda done, of: seen.append((done, of)))
    assert seen == [(257, 301), (301, 301)]


def test_an_interrupted_run_keeps_its_work(path: Path) -> None:
    pairs = [(f"note {number}", "other") for number in range(600)]
    with pytest.raises(KeyboardInterrupt):
        CachedJudge(HashJudge(fails_after=520), path).opinions(pairs)
    again = HashJudge()
    CachedJudge(again, path).opinions(pairs)
    assert len(again.asked) == 600 - 512


def test_the_file_is_private_whatever_the_umask(path: Path) -> None:
    CachedJudge(HashJudge(), path).opinions(PAIRS)
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_damaged_file_is_moved_aside_and_reported(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    cached = CachedJudge(HashJudge(), path)
    assert cached.opinions(PAIRS) == HashJudge().opinions(PAIRS)
    (notice,) = cached.notices
    assert "moved to opinions.db.corrupt, and the opinions are formed again" in notice
    warm = HashJudge()
    CachedJudge(warm, path).opinions(PAIRS)
    assert warm.asked == []


def test_an_unwritable_path_is_reported_once_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    cached = CachedJudge(HashJudge(), tmp_path / "file" / "opinions.db")
    for _ in range(2):
        assert cached.opinions(PAIRS) == HashJudge().opinions(PAIRS)
    (notice,) = cached.notices
    assert "opinions of this run are not kept" in notice


@pytest.mark.parametrize(
    "change",
    ["x''", "zeroblob(65)", "'text'", "3", "substr(opinion, 1, 64)", "(SELECT max(opinion) FROM opinions)"],
)
def test_an_invalid_opinion_is_formed_again(path: Path, change: str) -> None:
    CachedJudge(HashJudge(), path).opinions(PAIRS)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"UPDATE opinions SET opinion = {change}")  # noqa: S608 - from this file
        database.commit()
    judge = HashJudge()
    assert CachedJudge(judge, path).opinions(PAIRS) == HashJudge().opinions(PAIRS)
    assert judge.asked


def test_a_flipped_bit_changes_no_result(path: Path) -> None:
    CachedJudge(HashJudge(), path).opinions(PAIRS[:1])
    with closing(sqlite3.connect(path)) as database:
        (blob,) = database.execute("SELECT opinion FROM opinions").fetchone()
        database.execute("UPDATE opinions SET opinion = ?", (bytes((blob[0] ^ 1, *blob[1:])),))
        database.commit()
    judge = HashJudge()
    assert CachedJudge(judge, path).opinions(PAIRS[:1]) == HashJudge().opinions(PAIRS[:1])
    assert judge.asked == PAIRS[:1]


def test_a_model_is_loaded_once_in_the_background(path: Path) -> None:
    model = HashJudge()
    cached = CachedJudge(model, path)
    cached.load()
    cached.load()
    assert cached.opinions(PAIRS) == HashJudge().opinions(PAIRS)
    assert model.loaded == 1


def test_an_unloaded_model_can_be_loaded_in_the_background_again(path: Path) -> None:
    model = HashJudge()
    cached = CachedJudge(model, path)
    for _ in range(2):
        cached.load()
        cached.unload()
    assert (model.loaded, model.unloaded) == (2, True)


def test_a_model_that_cannot_be_loaded_fails_only_when_it_is_asked(path: Path) -> None:
    CachedJudge(HashJudge(), path).opinions(PAIRS)
    broken = CachedJudge(HashJudge(fails_after=0), path)
    broken.load()
    assert broken.opinions(PAIRS) == HashJudge().opinions(PAIRS)
    with pytest.raises(KeyboardInterrupt):  # as `HashJudge` does when it fails
        broken.opinions([("new", "pair")])


def test_the_judge_inside_is_unloaded(tmp_path: Path) -> None:
    judge = HashJudge()
    CachedJudge(judge, tmp_path / "opinions.db").unload()
    assert judge.unloaded
