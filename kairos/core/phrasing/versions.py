"""Two versions of one statement: a rewritten line begins like the old one, or one of them says it no longer holds.

A model that compares their meaning easily takes them for the same, since nearly all their words are.
"""

from __future__ import annotations

import re

from kairos.core.text.caching import cached
from kairos.core.text.phrases import obsolescence_phrases

_SAME_START = 3
"""How many words, numbers aside, two texts must begin with alike to be versions of one line."""
_NUMBER = re.compile(r"\d[\d.,]*")


def begin_alike(a: str, b: str) -> bool:
    """Whether two texts begin with the same words, whatever numbers are in them."""
    one, other = _start(a), _start(b)
    return len(one) == _SAME_START and one == other


def one_has_ended(a: str, b: str) -> bool:
    """Whether only one of two texts says that something no longer holds: "superseded", "obsolete"."""
    return bool(obsolescence_phrases(a)) != bool(obsolescence_phrases(b))


@cached(8192)
def _start(text: str) -> tuple[str, ...]:
    return tuple(_NUMBER.sub("#", word) for word in text.casefold().split(maxsplit=_SAME_START)[:_SAME_START])
