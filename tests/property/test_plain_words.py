"""What the scanners skip for speed holds nothing: they find the same as if they had looked at every character."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.dates import written_days
from kairos.core.text import phrases
from kairos.core.values import identifiers, values
from kairos.core.values import quantities as numbers

_WORDS = (
    "the team program spam I am pm a.m. tena.m teno'clock sixpm six five pm o'clock in the morning at night half past "
    "a quarter to seven third fifths of twice three times an dozen half dutzend twenty-one zwei dix noon 7 12:30 2026 "
    "2026-03-01 3rd May 5. Mai mars March 16th 3月4日 二十个 十 €5 3% -3 +2 5m 3.10 10.0.0.1 #12 x1 1x2 AB-12 foo_bar "
    "fooBar FooBar foo.bar foo/bar ~/x ../y a@b.co https://a.b/c --flag -v fn() well-known e.g. Word word, (word) "
    "don't n't no longer not any more off limits keine keinerlei since v2 as of from now on nicht mehr plus de 不再 "
    "anymore back to is gone went up june then 现在 から 可に変更 nİcht nıcht NOT ᲀ ſ _ten 5ten überten tenı — - + ’ '"
).split()
_PIECES = st.lists(
    st.tuples(st.sampled_from(_WORDS), st.sampled_from([" "] * 9 + [*", . - / _ ' \n ( :".split(), ""]))
)
_TEXTS = st.one_of(st.text(max_size=40), _PIECES.map(lambda pieces: "".join(map("".join, pieces))))


@settings(max_examples=400)
@given(_TEXTS.map(values.normal_form))
def test_all_days_and_identifiers_are_found(text: str) -> None:
    led, days = written_days._DAY.pattern.partition("(?:")[::2]
    assert led.startswith("(?=")
    every_day = re.compile(f"(?:{days}", re.IGNORECASE)
    assert [m.group() for m in written_days._DAY.finditer(text)] == [
        m.group() for m in every_day.finditer(text)
    ]
    every_name = re.compile(identifiers._IDENTIFIER.pattern.removeprefix(identifiers._PLAIN_WORDS + "|"))
    found = [match.span(1) for match in identifiers._IDENTIFIER.finditer(text) if match[1] is not None]
    assert found == [match.span() for match in every_name.finditer(text)]


@settings(max_examples=400)
@given(_TEXTS.map(values.normal_form))
def test_all_numbers_are_found(text: str) -> None:
    expected, position = [], 0
    while match := numbers._TOKEN.search(text, position):
        quantity, end = numbers._READERS[match.lastgroup or ""](match)
        position = max(match.start() + 1, end)
        if quantity is not None:
            expected.append(replace(quantity, span=(match.start(), end)))
    assert list(numbers._tokens(text)) == expected


_AMOUNT_WORDS = (
    "five ten half quarter viertel halb quart demie media cuarto past to nach vor et y e menos moins le la las alle un "
    "noon midi 7 30 19.30 7:30 h Uhr heures pm a.m. in the at night and a an one hour hours minutes kilo of third two "
    "thirds fifths 1h30m 4m30s every other day fortnight halbe Stunde demi-heure 2,4 M € $ k million euros CHF mio. "
    "twenty-first first day of the month each des Monats du mois soir matin de la tarde noche mañana "
    "da noite di sera mattina abends nachts morgens nachmittags - until between at twenty-five point komma "
    "null eight euros pounds fifty francs 45p . euro cents cent us medio et demi mezzo meio días jour"
).split()


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(_AMOUNT_WORDS), st.sampled_from([" "] * 9 + [""])), max_size=12))
def test_no_reading_is_skipped(pieces: list[tuple[str, str]]) -> None:
    text = values.normal_form("".join(map("".join, pieces)))
    for hooks, pattern, _, in_digits in numbers._IN_WORDS:
        is_searched = any(hook in text.lower() for hook in hooks) and (
            not in_digits or re.search(r"\d", text)
        )
        assert is_searched or not pattern.search(text)


@settings(max_examples=400)
@given(_TEXTS)
def test_all_phrases_are_found(text: str) -> None:
    for kind in (phrases._NEGATIONS, phrases._CHANGES):
        every = kind._pattern.finditer(text)
        assert kind.spans(text) == tuple(match.span() for match in every)
