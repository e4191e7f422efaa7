"""Finds the values that differ in a pair, as its texts write them: "17:00" and "17:30", "18 May" and "20 May"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from kairos.core.dates.written_days import WEEKDAYS
from kairos.core.text.words import WORD
from kairos.core.values.identifiers import normal_identifier
from kairos.core.values.missing import differing_quantities, missing_days, missing_identifiers
from kairos.core.values.values import located_values, values
from kairos.model import Statement


class Differing(NamedTuple):
    """The values that only one side has, as they are written there.

    `pairs` has a value of each side for every kind of which each side has exactly one; `of_a` and `of_b` have the rest.
    """

    pairs: tuple[tuple[str, str], ...]
    of_a: tuple[str, ...]
    of_b: tuple[str, ...]


WrittenValues = dict[str, tuple[str, ...]]
"""Values as they are written, by kind."""


def differing(a: Statement, b: Statement) -> Differing:
    """Return the values that only one side of a pair has."""
    of_a, of_b = _by_kind(a, b), _by_kind(b, a)
    kinds = [kind for kind in of_a if _is_single(of_a[kind]) and _is_single(of_b.get(kind, ()))]
    pairs = tuple((of_a[kind][0], of_b[kind][0]) for kind in kinds)
    return Differing(pairs, _rest(of_a, kinds), _rest(of_b, kinds))


def _is_single(written: Sequence[str]) -> bool:
    """Whether there is exactly one value, and one that can be opposed to another: no code of several words."""
    return len(written) == 1 and (" " not in written[0] or any(map(str.isdigit, written[0])))


def _rest(by_kind: WrittenValues, paired: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(by_kind[kind] for kind in by_kind if kind not in paired)))


def _by_kind(side: Statement, other: Statement) -> WrittenValues:
    found: WrittenValues = {}
    for kind, written in _values(side, other):
        if written not in found.setdefault(kind, ()):
            found[kind] += (written,)
    return found


def _values(side: Statement, other: Statement) -> Iterator[tuple[str, str]]:
    """Yield (kind, value as it is written) for each value that the other side lacks."""
    own, mine, theirs = (
        located_values(side.text),
        values(side.text, side.code),
        values(other.text, other.code),
    )
    for quantity in differing_quantities(mine, theirs)[0]:
        yield quantity.dimension, quantity.text
    if theirs.weekdays:
        for match in WORD.finditer(own.text):
            if WEEKDAYS.get(match.group().casefold(), -1) not in {-1, *theirs.weekdays}:
                yield "weekday", match.group()
    days = missing_days(mine, theirs)
    yield from (("day", own.text[slice(*span)].rstrip(".")) for span, day in own.days if day in days)
    absent = missing_identifiers(mine.identifiers, theirs, other.text)
    spelled = {name: own.text[slice(*span)] for span, name in own.identifiers}
    spelled |= {normal_identifier(code): code for code in side.code}
    written = [spelled.get(name, name) for name in absent if not _is_part(name, absent)]
    # A note is never the counterpart of what notes are about: "db.md" says nothing against "db.r6g.large".
    yield from (("note" if name.casefold().endswith(".md") else "name", name) for name in written)


def _is_part(name: str, names: Sequence[str]) -> bool:
    return any(name != other and name in other for other in names)
