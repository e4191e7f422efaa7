"""Ask a model for what a cache lacks, batch by batch, so that an interrupted run loses one batch at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from kairos.ml.encoder import Progress

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def fill(
    found: dict[bytes, Answer],
    missing: Mapping[bytes, Asked],
    *,
    batch_size: int,
    ask: Callable[[list[Asked], Progress], Iterable[Answer]],
    store: Callable[[Mapping[bytes, Answer]], object],
    progress: Progress | None,
) -> None:
    """Add the answers to `missing` to `found`, in order; each batch is passed to `store` as soon as it is complete.

    `progress` is called with (done, all), where what was `found` before counts as done.
    """
    total, todo = len(found) + len(missing), list(missing)
    for start in range(0, len(todo), batch_size):
        batch, known = todo[start : start + batch_size], len(found)

        def report(count: int, _: int, known: int = known) -> None:
            if progress is not None:
                progress(known + count, total)

        answers = ask([missing[key] for key in batch], report)
        fresh = dict(zip(batch, answers, strict=True))
        store(fresh)
        found.update(fresh)
