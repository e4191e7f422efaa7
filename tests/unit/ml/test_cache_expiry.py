"""Results of models that were unused for long can be forgotten; those of every model in use stay."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos.config.model_cache import UNUSED_DAYS
from kairos.ml.cache_expiry import count_unused, forget_unused
from kairos.ml.opinion_cache import CachedJudge
from tests.unit.ml.test_opinion_cache import HashJudge

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=UNUSED_DAYS + 1)
PAIRS = [("kiln", "oven"), ("ab", "c")]


@pytest.fixture
def cache_dir(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def asked(cache_dir: Path, fingerprint: str) -> int:
    """Let a judge form its opinions and return how many were not in the cache."""
    model = HashJudge(fingerprint)
    CachedJudge(model, cache_dir / "opinions.db").opinions(PAIRS)
    return len(model.asked)


def set_day(cache_dir: Path, day: datetime | None) -> None:
    """Change the record of all models in use so far; None removes it, as if an older version had made the file."""
    with closing(sqlite3.connect(cache_dir / "opinions.db")) as database:
        if day is None:
            database.execute("DROP TABLE uses")
        else:
            database.execute("UPDATE uses SET day = ?", (day.date().isoformat(),))
        database.commit()


def test_only_opinions_of_unused_models_are_forgotten(cache_dir: Path) -> None:
    asked(cache_dir, "old")
    set_day(cache_dir, NOW - timedelta(days=UNUSED_DAYS + 1))
    asked(cache_dir, "new")
    assert count_unused(cache_dir, NOW) == len(PAIRS)
    assert asked(cache_dir, "old") == 0  # which also makes it one in use again
    assert count_unused(cache_dir, NOW) == 0
    set_day(cache_dir, NOW - timedelta(days=UNUSED_DAYS + 1))
    assert asked(cache_dir, "new") == 0
    forget_unused(cache_dir, NOW)
    assert count_unused(cache_dir, NOW) == 0
    assert (asked(cache_dir, "new"), asked(cache_dir, "old")) == (0, len(PAIRS))


def test_a_model_without_a_record_counts_from_the_next_use_of_the_file(cache_dir: Path) -> None:
    asked(cache_dir, "old")
    set_day(cache_dir, None)
    assert count_unused(cache_dir, LATER) == 0
    forget_unused(cache_dir, LATER)
    asked(cache_dir, "new")
    assert count_unused(cache_dir, NOW) == 0
    set_day(cache_dir, NOW - timedelta(days=1))
    asked(cache_dir, "new")
    assert count_unused(cache_dir, LATER) == len(PAIRS)


def test_the_model_used_last_stays_however_long_ago_that_was(cache_dir: Path) -> None:
    asked(cache_dir, "only")
    forget_unused(cache_dir, LATER)
    assert count_unused(cache_dir, LATER) == 0
    assert asked(cache_dir, "only") == 0


def test_a_cache_that_cannot_be_read_has_nothing_to_forget(cache_dir: Path) -> None:
    assert count_unused(cache_dir, NOW) == 0
    cache_dir.mkdir()
    (cache_dir / "opinions.db").write_bytes(b"not a database, but longer than its header " * 9)
    forget_unused(cache_dir, NOW)
    assert count_unused(cache_dir, NOW) == 0
    assert not (cache_dir / "vectors.db").exists()


def test_a_cache_that_cannot_be_written_still_answers(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kairos.ml.cache_file._WAIT_SECONDS", 0.0)
    asked(cache_dir, "old")
    set_day(cache_dir, None)
    with closing(sqlite3.connect(cache_dir / "opinions.db")) as database:
        database.execute("BEGIN IMMEDIATE")
        assert asked(cache_dir, "old") == 0
