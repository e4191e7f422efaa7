"""Nearest neighbours, starting from the last dream's index file, which may be read early and written late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from kairos.dream.nearest_texts import NearestTexts
from kairos.dream.vectors import Vectors
from tests.light import WordEncoder

TEXTS = sorted(f"{one} {other}" for one in ("kiln", "glaze", "cone") for other in ("ash", "clay", "slip"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "root.faiss"


def kept(path: Path, texts: list[str], *, begun: bool) -> tuple[list[list[int]], list[str]]:
    nearest_texts, notices = NearestTexts(Vectors(WordEncoder())), list[str]()
    if begun:
        nearest_texts.start_reading(path)
    nearest_texts.load_vectors(texts, path)
    return nearest_texts.from_file(texts, path, notices).rows.tolist(), notices


def test_reading_the_file_early_changes_no_result(path: Path) -> None:
    assert kept(path, TEXTS[:6], begun=True) == kept(path.with_name("other"), TEXTS[:6], begun=False)
    assert kept(path, TEXTS, begun=True) == kept(path.with_name("other"), TEXTS, begun=False)
    assert path.read_bytes() == path.with_name("other").read_bytes()


def test_the_file_is_read_on_demand_if_no_thread_can_be_started(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = kept(path.with_name("other"), TEXTS, begun=False)

    def refuse(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refuse)
    assert kept(path, TEXTS, begun=True) == expected


def test_a_damaged_file_is_noticed_when_read_early(path: Path) -> None:
    kept(path, TEXTS[:6], begun=False)
    path.write_bytes(path.read_bytes()[:-1])
    rows, notices = kept(path, TEXTS, begun=True)
    assert rows == kept(path.with_name("other"), TEXTS, begun=False)[0]
    assert "is damaged" in notices[0]


def test_neighbours_are_available_before_the_file_is_written(path: Path) -> None:
    work: list[Callable[[], object]] = []
    nearest_texts = NearestTexts(Vectors(WordEncoder()), work.append)
    found = nearest_texts.from_file(TEXTS, path, [])
    assert not path.exists()
    for one in work:
        one()
    assert path.exists()
    np.testing.assert_array_equal(found.rows, nearest_texts.in_memory(TEXTS).rows)
