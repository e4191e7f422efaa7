"""Keeps files within the number of characters that their agent allows: only dates that are made absolute add any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kairos.core.markdown.render import apply_splices, splices_of
from kairos.core.markdown.sections import length
from kairos.core.root.reading import Reading
from kairos.model import Change, ChangeKind, Skip


def within_limits(
    changes: Sequence[Change], reading: Reading, limits: Mapping[str, int]
) -> tuple[tuple[Change, ...], tuple[Skip, ...]]:
    """Leave out the dates for which there is no room; `limits` are characters by path. Returns (changes, skips).

    A file that is too long already does not become longer. Those that add the least come first: so what is left out
    has no room after this dream either, and a second dream leaves it out, too.
    """
    refused: list[Change] = []
    for path in sorted(limits.keys() & {change.subject.file for change in changes}):
        data = reading.sources[path].data
        dates = [one for one in changes if one.kind is ChangeKind.DATE and one.subject.file == path]
        chosen = [one for one in changes if one not in dates]
        most = max(limits[path], length(data))
        for date in sorted(dates, key=lambda one: _growth(one, data)):
            if length(apply_splices(data, splices_of([*chosen, date], path))) <= most:
                chosen.append(date)
            else:
                refused.append(date)
    kept = tuple(change for change in changes if change not in refused)
    return kept, tuple(_skip(change, limits[change.subject.file]) for change in refused)


def _growth(change: Change, data: bytes) -> int:
    """Return the number of characters that the dates of a change add to a file."""
    splices = splices_of([change], change.subject.file)
    return sum(len(one.text.decode()) - len(data[slice(*one.span)].decode()) for one in splices)


def _skip(change: Change, limit: int) -> Skip:
    reason = f"{change.reason}: in full the date would exceed the {limit:,} characters that the agent allows"
    return Skip(change.subject.reference, reason, "Shorten the file first.", change.subject.text)
