"""Finds the values of one text that another lacks: numbers, days and identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kairos.core.dates.written_days import Day, same_day
from kairos.core.values.identifiers import unmentioned
from kairos.core.values.quantity import Quantity
from kairos.core.values.told_otherwise import (
    dotted_day,
    is_told_otherwise,
    is_written_otherwise,
    slashed_days,
    without_ratios,
    without_spans,
)
from kairos.core.values.values import Values


def missing_identifiers(ours: Iterable[str], theirs: Values, text: str) -> tuple[str, ...]:
    """Return those of `ours` that another text, with the values `theirs`, does not mention in any spelling."""
    unknown = unmentioned(ours, theirs.identifiers | theirs.spelled, text)
    return tuple(one for one in unknown if not is_written_otherwise(one, theirs))


def missing_quantities(ours: Values, theirs: Values) -> tuple[Quantity, ...]:
    """Return the numbers of one text that the other lacks.

    Numbers are paired one to one: in "3 times, 3 s" and "3 times, 5 s" the seconds differ. A number that both texts
    have, only this one more often, is missing only if the other text has an unpaired number in its place. The same
    holds for "one", which is as often an article.
    """
    return differing_quantities(ours, theirs)[0]


def differing_quantities(one: Values, other: Values) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    """Return the numbers of each text that the other lacks, by the rules of `missing_quantities`."""
    ours, theirs = _unpaired(one, other), _unpaired(other, one)
    if ours and theirs:
        ours, theirs = without_spans(ours, theirs, one)
        theirs, ours = without_spans(theirs, ours, other)
        ours, theirs = without_ratios(ours, theirs, one)
        theirs, ours = without_ratios(theirs, ours, other)
    return _missing(ours, theirs, one, other), _missing(theirs, ours, other, one)


def _missing(
    ours: Sequence[Quantity], theirs: Sequence[Quantity], of: Values, among: Values
) -> tuple[Quantity, ...]:
    if not ours:
        return ()
    replaced = not all(map(_is_ambiguous, theirs)) or _has_another_year(among, of)
    return tuple(
        quantity
        for quantity in ours
        if (
            _is_rivalled(quantity, theirs)
            if _is_ambiguous(quantity)
            else replaced or not _occurs(quantity, among, theirs)
        )
    )


def _is_rivalled(ambiguous: Quantity, theirs: Sequence[Quantity]) -> bool:
    """Whether the other text has an unpaired number in place of an ambiguous word. "One" and "due" are no rivals."""
    return any(not _is_ambiguous(other) or 1.0 not in (ambiguous.value, other.value) for other in theirs)


def _has_another_year(ours: Values, theirs: Values) -> bool:
    """Whether the first text names a bare year, which may be a count, that the second does not name."""
    return any(day[0] and not day[1] and not _names_day(theirs.days, day) for day in ours.days)


def _unpaired(ours: Values, theirs: Values) -> tuple[Quantity, ...]:
    """Return the numbers of one text that are left when each is paired with an equal number of the other text.

    Numbers of the same dimension are paired first.
    """
    if not ours.quantities:
        return ()
    mine, free = list(ours.quantities), list(theirs.quantities)
    for exactly in (True, False):
        for quantity in tuple(mine):
            found = next((q for q in free if _matches(quantity, q, exactly=exactly)), None)
            if found is not None:
                mine.remove(quantity)
                free.remove(found)
    return tuple(quantity for quantity in mine if not is_told_otherwise(quantity, ours, theirs))


def _matches(one: Quantity, other: Quantity, *, exactly: bool) -> bool:
    return one.equals(other) and (not exactly or one.dimension == other.dimension)


def _occurs(quantity: Quantity, among: Values, rivals: Sequence[Quantity]) -> bool:
    """Whether a text has a number too. `rivals` are its unpaired numbers.

    If one of them has the dimension of the number, only that dimension counts: a bare 12 does not stand for 12 ms in a
    text with another, unpaired time.
    """
    exactly = any(rival.dimension and rival.dimension == quantity.dimension for rival in rivals)
    is_year = not quantity.dimension and any(quantity.value == year for year, _, _ in among.days)
    return is_year or any(_matches(quantity, other, exactly=exactly) for other in among.quantities)


_AMBIGUOUS_WORDS = frozenset("dos due sei sept".split())
"""Number words of one language that are everyday words of another."""


def _is_ambiguous(quantity: Quantity) -> bool:
    written = quantity.text.strip().casefold()
    return not quantity.dimension and (
        written in _AMBIGUOUS_WORDS or (quantity.value == 1.0 and not written.isdigit())
    )


def missing_days(ours: Values, theirs: Values) -> tuple[Day, ...]:
    """Return the days of one text that the other lacks, sorted.

    If the other text has days of its own, only these can stand for a day that is written differently: a "5 March" that
    both texts name does not stand for 5 March 2020 as well.
    """
    numbers = {q.value for q in theirs.quantities if not q.dimension and any(map(str.isdigit, q.text))}
    dotted = {day for q in theirs.quantities if (day := dotted_day(q))} | slashed_days(theirs)
    numbers = set() if theirs.days else numbers - {0.0}  # "the 16th" can be a day of a text that names none
    candidates = theirs.days - ours.days or theirs.days
    found = {
        day
        for day in ours.days
        if day[2] not in numbers
        and day[1:] not in dotted
        and day not in theirs.days
        and not _names_day(candidates, day)
    }
    return tuple(sorted(found | _replaced_days(ours, theirs)))


def _replaced_days(ours: Values, theirs: Values) -> frozenset[Day]:
    """Return the days that our text names again where the other one names a day of its own.

    Both texts have the day; they still differ in one of the places that name it.
    """
    if not theirs.days - ours.days:
        return frozenset()
    return frozenset(ours.repeated_days & theirs.days - theirs.repeated_days)


def _names_day(days: Iterable[Day], day: Day) -> bool:
    return any(same_day(day, other) for other in days)
