"""Lists inside a sentence that differ in an item: "lint, tests and build", "lint, tests and deploy".

A list says that these are all. Of one with fewer items it is not plain which of the two holds.
"""

from __future__ import annotations

import re

from kairos.core.remembered import remembered
from kairos.core.words import stem

_ITEM = r"`?[\w./+#-]*\w`?"
_FEW_WORDS = rf"{_ITEM}(?: {_ITEM}){{0,2}}"
_LIST = re.compile(
    rf"((?:{_FEW_WORDS}, )*{_FEW_WORDS}),? (?:and|or|und|oder|et|ou|y|o|e|и|или|&) ({_FEW_WORDS})"
    r"(?=[.,;:!?)]|\s[–—-]\s|\s*$)",
    re.MULTILINE,
)
_LEAST = 3
"""Items of the longer of two lists from which it is a list, rather than two things that go together."""


def enumerated_apart(a: str, b: str) -> bool:
    """Whether each of two texts has one list, and all items but one or two are the same, but not all."""
    ours, theirs = _items(a), _items(b)
    if max(len(ours), len(theirs)) < _LEAST or ours == theirs:
        return False
    common = len(ours & theirs)
    return common >= _LEAST - 1 and common >= min(len(ours), len(theirs)) - 1


@remembered(8192)
def _items(text: str) -> frozenset[str]:
    """Return the stems of what the one list of a text ends its items with; nothing where it has none, or several."""
    found = _LIST.findall(text.casefold())
    if len(found) != 1:
        return frozenset()
    first, last = found[0]
    return frozenset(stem(item.split()[-1].strip("`")) for item in (*first.split(", "), last))
