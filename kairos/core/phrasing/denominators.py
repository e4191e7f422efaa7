"""What an amount is for: "5 ml per litre" is not "5 ml per pot", and 20/min is not 20/s."""

from __future__ import annotations

import re

from kairos.core.text.caching import cached
from kairos.core.text.words import stem

_PER = re.compile(
    r"\d\s?(?:[^\W\d_]{1,12}|[%€$£])?(?:\s[^\W\d_]+){0,2}?\s?(?:(?<=[\s\d])(?:per|pro|je|par|por)\s+|/\s?)([^\W\d_]+)"
)
"""What an amount is given for, a few words after the number: "5 ml of soap per litre". The text is case folded."""


def amounts_apart(a: str, b: str) -> bool:
    """Whether both texts give amounts per something, and nothing that they give them for can be the same.

    Words with the same first letter may be one, abbreviated: min and minute, s and second.
    """
    ours, theirs = _denominators(a), _denominators(b)
    return bool(ours) and bool(theirs) and not any(x[0] == y[0] for x in ours for y in theirs)


@cached(8192)
def _denominators(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _PER.findall(text.casefold()))
