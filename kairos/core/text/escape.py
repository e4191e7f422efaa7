"""Makes note text safe to show: control characters and invisible ones become visible escapes.

A poisoned note must not be able to move the cursor, reorder words or hide some of them from the person who
approves a change.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Joiners and fillers: Python counts them as printable, yet they show nothing."""

_UNUSUAL = re.compile(r"[^\n\t -~]")
"""Characters that need a closer look. All others are shown as they are."""

_EMOJI_SELECTORS = "\ufe0e\ufe0f"


def visible(text: str) -> str:
    r"""Return `text` with control, bidirectional and zero-width characters as escapes like `\u202e`.

    Line feeds and tabs stay. Blanks of any other kind become ordinary spaces.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNUSUAL.sub(lambda match: _escaped(match.group()), text)


def _escaped(char: str) -> str:
    if char in "\n\t" or (char.isprintable() and not _is_hidden(char)):
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode("ascii")


def _is_hidden(char: str) -> bool:
    if char in _INVISIBLE or "\u180b" <= char <= "\u180f":
        return True
    return "VARIATION SELECTOR" in unicodedata.name(char, "") and char not in _EMOJI_SELECTORS
