"""Conflicts, proposals and explanations from the state, with the line numbers that their entries have now.

If a directory does not answer, they keep the line numbers of the dream that found them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from kairos.cli.timeouts import with_timeout
from kairos.errors import SilenceError
from kairos.model import Place
from kairos.store.lines import Lines
from kairos.store.records import ConflictRecord, Explanation, Proposal

T = TypeVar("T", ConflictRecord, Proposal)


def conflicts_now(records: Sequence[ConflictRecord]) -> list[ConflictRecord]:
    """Return conflicts with current line numbers, grouped by root and ordered by place."""
    found = _located(records, lambda one, lines: replace(one, conflict=lines.conflict(one.conflict)))
    return sorted(found, key=lambda one: (one.root, *_position(one.conflict.a), *_position(one.conflict.b)))


def proposals_now(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return proposals with current line numbers, grouped by root and ordered by place."""
    found = _located(proposals, lambda one, lines: replace(one, change=lines.change(one.change)))
    return sorted(found, key=lambda one: (one.root, *_position(one.change.subject)))


def explanation_now(root: str, found: Explanation) -> Explanation:
    """Return an explanation with current line numbers; past changes keep theirs."""

    def work() -> Explanation:
        lines = Lines(Path(root))
        proposals = tuple(
            sorted(
                (replace(one, change=lines.change(one.change)) for one in found.proposals),
                key=lambda one: _position(one.change.subject),
            )
        )
        return replace(
            found,
            decisions=tuple(map(lines.decision, found.decisions)),
            proposals=proposals,
            skipped=tuple(map(lines.skip, found.skipped)),
        )

    with suppress(SilenceError):
        return with_timeout(root, work)
    return found


def _position(place: Place) -> tuple[str, int]:
    return place.file, place.line


def _located(records: Sequence[T], locate: Callable[[T, Lines], T]) -> list[T]:
    located: list[T] = []
    for root, group in groupby(sorted(records, key=lambda one: one.root), key=lambda one: one.root):
        located += _of_root(root, list(group), locate)
    return located


def _of_root(root: str, records: list[T], locate: Callable[[T, Lines], T]) -> list[T]:
    def work() -> list[T]:
        lines = Lines(Path(root))
        return [locate(one, lines) for one in records]

    with suppress(SilenceError):
        return with_timeout(root, work)
    return records
