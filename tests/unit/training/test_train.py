"""The examples of the last stage of training, and the mixing of its weights.

Training code is imported inside the tests, because it needs torch, which takes seconds to load.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from training.batches import Encoded, Source
    from training.families import Family
    from training.train import Lessons

TOKENIZER = Path(__file__).parents[3] / "kairos" / "ml" / "judge_model" / "tokenizer.json"


def family(word: str, length: int) -> Family:
    """Return a family whose notes have `length` words."""

    def notes(kind: str, count: int) -> list[str]:
        return [f"{kind} {at} " + " ".join([word] * (length - 2)) for at in range(count)]

    return {
        "id": word,
        "topic": word,
        "lang": "en",
        "base": notes("base", 1)[0],
        "same": notes("same", 3),
        "contains": notes("contains", 1),
        "conflict": notes("conflict", 2),
        "update": notes("update", 1),
        "distinct": notes("distinct", 3),
    }


@pytest.fixture
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def lessons(pool: Executor) -> Lessons:
    from training.batches import Source  # noqa: PLC0415
    from training.train import Lessons  # noqa: PLC0415

    def source(word: str, length: int) -> Source:
        families = [family(f"{word}{at}", length) for at in range(6)]
        near = [[other for other in range(6) if other != at] for at in range(6)]
        return Source(pool, TOKENIZER, families, near, [])

    short, others = source("kiln", 8), source("glaze", 40)
    return Lessons(others.fixed([]), others, short, others)


def test_the_last_stage_mostly_sees_short_families_and_is_reproducible(
    pool: Executor,
) -> None:
    from training.train import epochs_of  # noqa: PLC0415
    from training.trainer import Stage  # noqa: PLC0415

    found = lessons(pool)
    stage = Stage("short", 1, 1, 1e-4, consistency=0)
    epochs = epochs_of([(found.short, 1), (found.others, 8)], found.inference, stage, 3)

    def seen(number: int) -> list[Encoded]:
        return list(epochs(number))

    first = seen(0)
    short = sum(len(one.forward.ids) < 60 for one in first)
    assert short > len(first) * 0.7
    assert short < len(first)
    assert first == seen(0) != seen(1)


def test_mixed_weights_lie_between_those_before_and_after() -> None:
    import torch  # noqa: PLC0415

    from training.network import interpolated  # noqa: PLC0415

    before = {"a": torch.tensor([0.0, 1.0]), "b": torch.tensor([2.0])}
    after = {"a": torch.tensor([1.0, 1.0]), "b": torch.tensor([-2.0])}
    found = interpolated(before, after, 0.75)
    assert found["a"].tolist() == [0.75, 1.0]
    assert found["b"].tolist() == [-1.0]
    assert interpolated(before, after, 0.0)["b"].tolist() == [2.0]


def test_each_family_has_at_most_eight_neighbours_and_no_families_have_none() -> None:
    import torch  # noqa: PLC0415

    from training.train import nearest  # noqa: PLC0415

    assert nearest(torch.zeros(0, 4)) == []
    assert nearest(torch.ones(1, 4)) == [[]]
    assert nearest(torch.eye(4)[:3])[0] == [1, 2]
    assert {len(row) for row in nearest(torch.rand(20, 4))} == {8}
