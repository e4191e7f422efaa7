"""Differences that equal words hide: signs between them, small words, flags, another order.

Nobody who repeats a statement in the same words replaces `>` by `<`, "from" by "to", `-r` by `-R`, or swaps two names.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from kairos.core.phrasing.bounds import bounds_apart
from kairos.core.text.caching import cached
from kairos.core.text.synonyms import meanings_in_order

_COMPARISONS = {"<=": "≤", "=<": "≤", ">=": "≥", "!=": "≠", "<>": "≠", "!==": "≠", "===": "=="}
_ARROWS = {"->": "→", "=>": "→", "⇒": "→", "<-": "←", "⇐": "←", "<->": "↔", "<=>": "↔", "⇔": "↔"}
_MARKS = {
    **dict.fromkeys("✅✔✓☑👍🟢", "yes"),
    **dict.fromkeys("❌✘✗✖⛔🚫👎🔴", "no"),
}
_SIGN = re.compile(r"<=>|<->|===|!==|->|=>|<-|<=|=<|>=|!=|<>|==|[<>≤≥≠=→←↔⇒⇐⇔" + "".join(_MARKS) + "]")
_FLAG = re.compile(r"(?<![\w-])-([A-Za-z])(?!\w)")
_QUESTION = re.compile(r"[^.!?。！？]*[?？][\s\"'”’)*_]*", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_WORD_GROUPS: Mapping[str, str] = {
    word: group.split()[0]
    for group in (
        "from von aus de del della desde из",
        "to nach zu zum zur à al hasta in into onto",
        "by durch par por",
        "for für pour para",
        "with mit avec con com",
        "must",
        "should",
        "may can could",
        "only just",
        "all any each",
        "and und et y e и",
        "or oder ou o или",
        "if when",
        "he his",
        "she her",
        "i we our",
        "you your",
        "they their",
    )
    for word in group.split()
}
"""Small words that make a difference, each with the first word of its group; exchanges within a group do not count."""
_ALTERNATIVES = ("from to by for with", "must should may", "only all", "and or if", "he she i you they")
"""Groups, by their first words, of which one can stand in the place of the other."""
_MIN_WORDS = 4
"""Number of words from which a part of a sentence may come first instead of last without changing what it says."""


def signs_apart(a: str, b: str) -> bool:
    """Whether only one of two texts is a question, or each has a sign of one kind, or a flag, that the other lacks."""
    if _is_question(a) != _is_question(b):
        return True
    ours, theirs = _signs(a), _signs(b)
    differ = any(ours[kind] - theirs[kind] and theirs[kind] - ours[kind] for kind in ours)
    return differ or bounds_apart(a, b)


def flags(text: str) -> frozenset[str]:
    """Return the single-letter flags in a text: `-r` is not `-R`."""
    return _signs(text)["flag"]


def limited_apart(a: str, b: str) -> bool:
    """Whether only one text states a limit or an exception: "only", "except on Sundays"."""
    return _is_limited(a) != _is_limited(b)


@cached(8192)
def _is_limited(text: str) -> bool:
    return _LIMITS.search(text) is not None


_LIMITS = re.compile(
    r"\b(?:only|solely|exclusively|nothing but|except|excepting|excluding|unless|other than|apart from|nur|"
    r"ausschließlich|außer|bis auf|sauf|excepté|uniquement|seulement|salvo|excepto|sólo|solo|exceto|"
    r"apenas|somente|только|кроме)\b"
    r"|只有?|仅|除了|除非|だけ|のみ|以外",
    re.IGNORECASE,
)


def same_words_apart(a: str, b: str) -> bool:
    """Whether two texts of the same words differ in what stands between the words, or in their order.

    A part that comes first instead of last makes no difference: "every Monday" may stand before or after the rest.
    "Core calls api" equals "api is called by core", but not "core is called by api".
    """
    one, other = meanings_in_order(a), meanings_in_order(b)
    if not one or len(one) != len(other):
        return False
    one, other = _without_adverb(one), _without_adverb(other)
    ours, theirs = _small_words(a), _small_words(b)
    passive = ("by" in ours) != ("by" in theirs)
    if one == other:
        return passive or _symbols(a) != _symbols(b) or _are_exchanged(ours - theirs, theirs - ours)
    return sorted(one) == sorted(other) and not passive and not _is_put_first(a, b, one, other)


def _is_question(text: str) -> bool:
    """Whether a text is a single question."""
    return _QUESTION.fullmatch(text.strip()) is not None


@cached(8192)
def _signs(text: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {"compared": set(), "way": set(), "mark": set()}
    found["flag"] = set(_FLAG.findall(text))
    for sign in _SIGN.findall(text):
        if sign in _MARKS:
            found["mark"].add(_MARKS[sign])
        elif _ARROWS.get(sign, sign) in "→←↔":
            found["way"].add(_ARROWS.get(sign, sign))
        elif sign != "=":  # may simply mean "is"
            found["compared"].add(_COMPARISONS.get(sign, sign))
    return {kind: frozenset(signs) for kind, signs in found.items()}


@cached(8192)
def _symbols(text: str) -> Counter[str]:
    """Count the pieces of a text with symbols that matter, without quotes, brackets and punctuation around them."""
    pieces = (piece.strip("\"'“”‘’`*,;:!?()[]{}—–") for piece in unicodedata.normalize("NFKC", text).split())
    bare = (piece.rstrip(".…").casefold() for piece in pieces)
    alike = (_COMPARISONS.get(piece, _ARROWS.get(piece, piece)) for piece in bare)
    return Counter(piece for piece in alike if piece != "=" and _SYMBOL.search(piece))


_SYMBOL = re.compile(r"\+\+|#$|^\.{1,2}/|^/|/$|^[_$~^]|[<>≤≥≠→←↔⇒⇐⇔±]|==|^[-−]\w")
"""Symbols that change the word that they are attached to: C++, C#, ./x, /x, x/, _x, $x, -5."""


@cached(8192)
def _small_words(text: str) -> Counter[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return Counter(_WORD_GROUPS[word] for word in words if word in _WORD_GROUPS)


_ADVERBS = frozenset(meanings_in_order("maximum hour day night week month year"))
"""What may stand anywhere: "at most 350 words", "350 words maximum"; "a nightly run", "runs each night"."""


def _without_adverb(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words without the one that may stand anywhere; if there are several, each belongs where it stands."""
    rest = tuple(word for word in words if word not in _ADVERBS)
    return rest if len(rest) == len(words) - 1 else words


def _are_exchanged(ours: Counter[str], theirs: Counter[str]) -> bool:
    """Whether of two texts each has a small word in the place of one of the other's: "each" stands in no "for"'s."""
    return any(
        not ours.keys().isdisjoint(words) and not theirs.keys().isdisjoint(words)
        for words in map(str.split, _ALTERNATIVES)
    )


def _is_put_first(a: str, b: str, one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two texts of the same words differ in what comes first: a good part of many words, or the label."""
    if len(one) >= _MIN_WORDS and _is_rotation(one, other):
        return True
    return _behind_label(a, one) == tuple(other) or _behind_label(b, other) == tuple(one)


def _behind_label(text: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a text with its label last: "fastest to Metz: A4" is "A4 fastest to Metz".

    Empty if it has no label, or too few words for the label to be more than the name of one thing.
    """
    label, colon, _ = text.partition(": ")
    size = len(meanings_in_order(label)) if colon else 0
    return (*words[size:], *words[:size]) if 1 < size < len(words) else ()


def _is_rotation(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one sequence is a rotation of the other."""
    return any([*one[at:], *one[:at]] == [*other] for at in range(1, len(one)))
