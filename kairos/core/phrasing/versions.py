"""Two versions of one statement: what is written over a line begins as the line did, or tells that it holds no more.

A model that reads both for their meaning easily takes them for one, as nearly all their words are the same.
"""

from __future__ import annotations

import re

from kairos.core.text.remembered import remembered
from kairos.core.text.turns import endings

_SAME_START = 3
"""Words that two texts have in common at their beginning, whatever numbers they have, to be versions of one line."""
_NUMBER = re.compile(r"\d[\d.,]*")


def begin_alike(a: str, b: str) -> bool:
    """Whether two texts begin with the same words but for their numbers."""
    one, other = _start(a), _start(b)
    return len(one) == _SAME_START and one == other


def one_has_ended(a: str, b: str) -> bool:
    """Whether only one of two texts says that something holds no more: "superseded", "obsolete"."""
    return bool(endings(a)) != bool(endings(b))


@remembered(8192)
def _start(text: str) -> tuple[str, ...]:
    return tuple(_NUMBER.sub("#", word) for word in text.casefold().split(maxsplit=_SAME_START)[:_SAME_START])
