"""Two texts with the same values in other words lack nothing of each other, and a value is read into no text."""

import pytest

from kairos.core.values.missing import differing_quantities, missing_days, missing_identifiers
from kairos.core.values.values import values


def lacking(one: str, other: str) -> bool:
    """Whether either text has a number, a day or an identifier that the other lacks."""
    ours, theirs = values(one), values(other)
    names = (
        *missing_identifiers(ours.identifiers, theirs, other),
        *missing_identifiers(theirs.identifiers, ours, one),
    )
    days = (*missing_days(ours, theirs), *missing_days(theirs, ours))
    return any((*differing_quantities(ours, theirs), names, days))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mercredi à dix-neuf heures", "mercredi, à 7 heures du soir"),
        ("de 23:00 a 3:00", "entre las once de la noche y las tres de la madrugada"),
        ("a las 21 h", "a las nueve de la noche"),
        ("um 20:00", "um acht abends"),
        ("ab 0:00", "ab zwölf Uhr nachts"),
        ("alle 19:30", "alle 7 h 30 di sera"),
        ("visits 14–18 h", "one can visit between 2 and 6 p.m."),
        ("Thu 18–20 h", "Thu, 6–8 p.m."),
        ("16:00 to 17:15", "from four to 5:15 pm"),
        ("stand-up Tue 09:40", "stand-up on Tue at twenty to ten"),
        ("the milk comes at 6:40", "at twenty to seven in the morning the milk comes"),
        ("at 16.15", "at a quarter past four"),
    ],
)
def test_times_of_day_are_the_same(one: str, other: str) -> None:
    assert not lacking(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("le train de 7:00", "le train de sept heures du soir"),
        ("zwei abends", "um 20:00"),
        ("eight to eleven a.m.", "20:00 to 23:00"),
        ("between 2 and 6 p.m.", "2:00 to 18:00"),
        ("cut from twenty to ten", "cut at 9:40"),
        ("at twenty to ten degrees", "at 9:40"),
        ("at five to ten", "at 9:55"),
        ("at 16.15", "at 4:15 am"),
    ],
)
def test_times_of_day_differ(one: str, other: str) -> None:
    assert lacking(one, other)
