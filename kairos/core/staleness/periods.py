"""Finds periods "from D1 to D2", in which something held that is over: absences, closures, freezes.

A period may as well tell which things are meant ("the logs from May to June are in bucket 3") or what happened in it.
Both stay, so without a word for a passing state, or for what to do meanwhile, a period is only asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kairos.core.dates.days import DayMention, Precision
from kairos.core.text.patterns import lazy

_LINK = lazy(
    r"\s*(?:to|until|till|through|bis(?: zum| einschließlich)?|au|jusqu['’]au|al|all['’]|hasta(?: el)?|a|"
    r"até(?: o dia| a|"
    r" ao)?|à|ao|по|до|[–—-]|至|到|から|〜|～|to the)\s*"
    r"(?:the |(?:mon|tues|wednes|thurs|fri|satur|sun)day,? |(?:mon|diens|donners|frei|sams|sonn)tag,? (?:dem |"
    r"den )?)?",
    re.IGNORECASE,
)
_DAY_ALONE = lazy(
    r"(?<![\w.:/-])(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?(?P<link>\s*(?:to|until|till|through|bis(?: zum)?|au|"
    r"al|all['’]|hasta el|a|até|à|ao|по|до|[–—-])\s*)$",
    re.IGNORECASE,
)
_FROM = lazy(
    r"(?:(?<!\w)(?:from|between|on|vom|von|du|de|del|dal|desde el|de|с|со)|自|从|從)\s*(?:the )?(?:(?:mon|tues|"
    r"wednes|thurs|fri|satur|sun)day,? )?$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:^\W*|[:：,，(（]\s*)$")
"""What a period follows that stands alone: "Code freeze: 10 to 27 July 2026"."""


@dataclass(frozen=True, slots=True)
class Period:
    """A range of days as a sentence names it: the characters `[start, end)`, and the mention of its last day."""

    start: int
    end: int
    last: DayMention


def period(sentence: str, found: Sequence[DayMention]) -> Period | None:
    """Return the period of exact days that a sentence names first, if any. `found` are its mentions in order."""
    for at, mention in enumerate(found):
        if mention.precision not in (Precision.DAY, Precision.YEARLESS):
            continue
        start = _start(sentence, found, at)
        if start is not None:
            opening = _FROM.search(sentence[:start])
            return Period(opening.start() if opening else start, mention.end, mention)
    return None


def _start(sentence: str, found: Sequence[DayMention], at: int) -> int | None:
    """Return where a period begins that ends with the mention at `at`; None if there is none."""
    mention = found[at]
    if at and _LINK.fullmatch(sentence, found[at - 1].end, mention.start):
        return found[at - 1].start
    alone = _DAY_ALONE.search(sentence[: mention.start])
    opened = alone is not None and (
        _FROM.search(sentence[: alone.start()])
        or _LABEL.search(sentence[: alone.start()])
        or re.search(r"[–—-]", alone["link"])
    )
    return alone.start() if alone and opened else None
