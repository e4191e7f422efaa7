"""Note text made safe to show: what a terminal would obey, or nobody would see, becomes a visible escape.

A poisoned note must not be able to move the cursor, reorder words or hide some of them from the person who
approves a change.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Characters that count as printable and still show nothing: joiners and fillers."""

_UNUSUAL = re.compile(r"[^\n\t -~]")
"""What has to be looked at; all else is shown as it is."""

_EMOJI_SELECTORS = "\ufe0e\ufe0f"


def visible(text: str) -> str:
    r"""Return `text` with control, bidirectional and zero-width characters as escapes like `\u202e`.

    Line feeds and tabs stay; every kind of blank becomes a plain one.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNUSUAL.sub(lambda match: _shown(match.group()), text)


def _shown(char: str) -> str:
    if char in "\n\t" or (char.isprintable() and not _is_hidden(char)):
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape").decode("ascii")


def _is_hidden(char: str) -> bool:
    if char in _INVISIBLE or "\u180b" <= char <= "\u180f":
        return True
    return "VARIATION SELECTOR" in unicodedata.name(char, "") and char not in _EMOJI_SELECTORS
