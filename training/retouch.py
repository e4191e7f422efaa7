"""Small changes to a note that preserve its meaning.

Without them a model learns from families that two notes with nearly the same words conflict: people write conflicts
that differ in one word, but never paraphrases that differ in a comma.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import count

from kairos.core.text.sentences import split

_SWAPS = (
    ("don't", "do not"),
    ("doesn't", "does not"),
    ("isn't", "is not"),
    ("can't", "cannot"),
    ("won't", "will not"),
    ("config", "configuration"),
    ("repo", "repository"),
    ("docs", "documentation"),
    ("prod", "production"),
    ("dev", "development"),
    ("env", "environment"),
    ("app", "application"),
    ("auth", "authentication"),
    ("params", "parameters"),
    ("must", "has to"),
    ("requires", "needs"),
    ("currently", "at present"),
    ("before", "prior to"),
    ("whenever", "every time"),
    ("always", "at all times"),
    ("never", "under no circumstances"),
    ("e.g.", "for example"),
    ("i.e.", "that is"),
    ("and", "&"),
    ("with", "w/"),
    ("prefers", "likes best"),
    ("only", "exclusively"),
)
"""Pairs of words that can replace each other, in either direction."""
_OPENINGS = (
    "Note: ",
    "NB: ",
    "Remember: ",
    "FYI ",
    "Important: ",
    "**Note**: ",
    "[!] ",
    "Reminder: ",
    "TIL: ",
)

_CODE = re.compile(r"`[^`]+`")
_BARE = 0.2


def retouched(text: str, chance: random.Random) -> str:
    """Return the note with one to three small changes that preserve its meaning."""
    codes = _CODE.findall(text)
    numbers = count()
    changed = _CODE.sub(lambda _: f"`{next(numbers)}`", text)  # placeholders protect code from changes
    for change in chance.sample(_CHANGES, chance.randint(1, 3)):
        changed = change(changed, chance)
    bare = chance.random() < _BARE
    return re.sub(r"`(\d+)`", lambda hole: codes[int(hole[1])].strip("`" * bare), changed)


def _swap_words(text: str, chance: random.Random) -> str:
    found = [(old, new) for pair in _SWAPS for old, new in (pair, pair[::-1]) if _occurs(old, text)]
    for old, new in chance.sample(found, min(2, len(found))):
        text = re.sub(_word_pattern(old), new, text, count=1)
    return text


def _occurs(word: str, text: str) -> bool:
    return re.search(_word_pattern(word), text) is not None


def _word_pattern(word: str) -> str:
    return rf"(?<![\w`/.\-]){re.escape(word)}(?![\w`/\-])"


def _drop_articles(text: str, chance: random.Random) -> str:
    return re.sub(
        r"(?<=[a-z,] )(?:the|a|an) (?=[a-z])", lambda m: m[0] if chance.random() < 0.3 else "", text
    )


def _other_order(text: str, chance: random.Random) -> str:
    sentences = list(split(text))
    chance.shuffle(sentences)
    return " ".join(sentences) if len(sentences) > 1 else text


def _opened(text: str, chance: random.Random) -> str:
    return chance.choice(_OPENINGS) + text


def _other_marks(text: str, chance: random.Random) -> str:
    forms = (
        text.replace("**", ""),
        text.replace("; ", ". "),
        text.replace(", ", " – "),
        text.replace(" (", ", ").replace(")", ""),
        text.replace(": ", " = ", 1),
        text.rstrip(".").lower(),
        re.sub(r"\. (?=[A-Z])", "; ", text),
        re.sub(r"(?<=[a-z]) (?=[a-z])", "  ", text, count=1),
    )
    return chance.choice(forms)


def _typo(text: str, chance: random.Random) -> str:
    words = list(re.finditer(r"(?<![\w`/.\-])[a-z]{6,}(?![\w`/\-])", text))
    if not words:
        return text
    word = chance.choice(words)
    at = word.start() + chance.randint(1, len(word[0]) - 3)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _swap_words,
    _drop_articles,
    _other_order,
    _typo,
    _opened,
    _other_marks,
)
