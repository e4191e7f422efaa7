from datetime import date

import pytest

from kairos.core.dates.days import Precision, mentions

REFERENCE = date(2026, 11, 20)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-12",
        "2026-05-12T09:00:00Z",
        "on 12 May 2026.",
        "May 12th, 2026",
        "12th of May 2026",
        "12.05.2026",
        "12. Mai 2026",
        "le 12 mai 2026",
        "12 de mayo de 2026",
        "12 de maio de 2026",
        "12 maggio 2026",
        "2026年5月12日",
        "12 мая 2026 г.",
    ],
)
def test_a_day_is_read_in_many_notations(text: str) -> None:
    (found,) = mentions(text, reference=None)
    assert (found.first, found.last, found.precision) == (date(2026, 5, 12), date(2026, 5, 12), Precision.DAY)


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("October 2027", date(2027, 10, 1), date(2027, 10, 31), Precision.MONTH),
        ("Februar 2028", date(2028, 2, 1), date(2028, 2, 29), Precision.MONTH),
        ("in Q3 2026", date(2026, 7, 1), date(2026, 9, 30), Precision.QUARTER),
        ("until 2027 we", date(2027, 1, 1), date(2027, 12, 31), Precision.YEAR),
        ("on 03/04/2026", date(2026, 3, 4), date(2026, 4, 3), Precision.AMBIGUOUS),
        ("on 25/04/2026", date(2026, 4, 25), date(2026, 4, 25), Precision.DAY),
        ("on 5 November", date(2026, 11, 5), date(2026, 11, 5), Precision.YEARLESS),
        ("am 3. Januar", date(2027, 1, 3), date(2027, 1, 3), Precision.YEARLESS),
    ],
)
def test_vague_mentions_are_ranges(text: str, first: date, last: date, precision: Precision) -> None:
    (found,) = mentions(text, reference=REFERENCE)
    assert (found.first, found.last, found.precision) == (first, last, precision)


@pytest.mark.parametrize(
    "text",
    [
        "you may 3 times",
        "v1.2.2026",
        "31 June 2026",
        "2026-02-30",
        "port 2026",
        "45/13/2026",
        "until 2000ms",
        "set 12",
    ],
)
def test_text_that_only_looks_like_a_day_is_ignored(text: str) -> None:
    assert mentions(text, reference=REFERENCE) == ()


def test_a_day_without_a_year_needs_a_reference() -> None:
    assert mentions("on 5 November", reference=None) == ()


def test_mentions_come_in_order_with_their_characters() -> None:
    text = "from 12 May 2026 to 2026-06-01, then October 2026"
    found = mentions(text, reference=None)
    assert [text[one.start : one.end] for one in found] == ["12 May 2026", "2026-06-01", "October 2026"]


@pytest.mark.parametrize(
    "text", ["hasta 2000 filas al día", "until 2000 rows are there", "bis 1900 Zeichen frei"]
)
def test_a_round_count_is_no_year(text: str) -> None:
    assert not mentions(text, reference=None)
