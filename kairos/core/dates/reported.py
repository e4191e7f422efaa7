"""Recognises relative days that count from another day than the note's: "on Monday Ana said it would land tomorrow".

What somebody said, promised or planned at another time is relative to that time. Which day it was is often unclear, so
such a word is left alone.
"""

from __future__ import annotations

import re

from kairos.core.dates.written_days import WEEKDAYS, days_in
from kairos.core.text.patterns import lazy

_REPORTING = lazy(
    r"(?<!\w)(?:sa(?:ys?|id)|tells?|told|writes?|wrote|written|promis\w+|announc\w+|claim(?:s|ed)|plan(?:s|ned)?|"
    r"expect(?:s|ed)|estimat(?:es?|ed)|hoped|agreed|predict(?:s|ed)|according to|not(?:es?|ed)|"
    r"sag(?:t|te|ten)|schr(?:eibt|ieb|ieben)|versprach\w*|versprochen|plan(?:t|te|ten)|geplant|kündigt\w*|laut|"
    r"dit|disait|écri(?:t|vait)|promi[st]\w*|annonc\w+|prévu\w*|selon|"
    r"di(?:ce|jo)|escribió|prometió|anunció|planeaba\w*|según|di(?:z|sse)|escreveu|prometeu|segundo)(?!\w)",
    re.IGNORECASE,
)
_PAST_ANCHOR = lazy(
    r"(?<!\w)(?:yesterday|last (?:night|week|month|year|spring|summer|autumn|fall|winter)|back then|"
    r"at (?:the|that) time|ago|(?:the )?(?:day|week|month|year) before|earlier|"
    r"gestern|vorgestern|letzte[nrs]? (?:nacht|woche|monat|jahr)|damals|vor \w+ (?:tagen|wochen|monaten|jahren)|"
    r"hier|à l['’]époque|ayer|entonces|ontem)(?!\w)",
    re.IGNORECASE,
)
"""A time before the note was written."""


_WORD = re.compile(r"[\w-]+")


def anchors(sentence: str) -> tuple[tuple[int, int], ...]:
    """Return where a sentence that reports what somebody said or planned names a time; nothing if it reports nothing.

    A relative day in it may count from any of these times, except from itself.
    """
    if _REPORTING.search(sentence) is None:
        return ()
    weekdays = (word.span() for word in _WORD.finditer(sentence) if word.group().casefold() in WEEKDAYS)
    past = (match.span() for match in _PAST_ANCHOR.finditer(sentence))
    return (*(span for span, _ in days_in(sentence)), *weekdays, *past)
