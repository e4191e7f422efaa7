"""Reduces two texts to what is worth comparing: without verbatim repetition, and preferring what both speak about."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos.core.markdown.plain_text import normalised
from kairos.core.text.sentences import split
from kairos.core.text.words import WIDE, stems

_CONJUNCTION = re.compile(
    r"(?:\s*[,—–]|\s)\s*(?:and|but|while|whereas|und|aber|während|et|mais|tandis que|y|pero|mientras|e|mas|enquanto"
    r"|а|и|но)\s+(?!\d)|\s+[—–]\s+|\s*[，、]\s*",
    re.IGNORECASE,
)
_MIN_CLAUSE_WORDS = 4
"""Number of words from which a conjunct says something by itself, unlike "and Thursdays"."""
_MIN_CLAUSE_CHARACTERS = 5
"""The same in characters, for scripts without spaces between words."""


def without_shared_sentences(a: str, b: str) -> tuple[str, str]:
    """Return two texts without the sentences that they share; unchanged if nothing would be left of one.

    Whether they conflict depends on what else they say, which is easily overlooked next to much that is the same.
    """
    ours, theirs = split(a), split(b)
    if len(ours) < 2 or len(theirs) < 2:  # nothing would be left of a single shared sentence
        return a, b
    names, others = tuple(map(_normal_form, ours)), tuple(map(_normal_form, theirs))
    shared = {*names} & {*others}
    left = [sentence for sentence, name in zip(ours, names, strict=True) if name not in shared]
    right = [sentence for sentence, name in zip(theirs, others, strict=True) if name not in shared]
    if not shared or not left or not right:
        return a, b
    return "\n".join(left), "\n".join(right)


def beyond_dispute(text: str, other: str) -> tuple[str, ...]:
    """Return the sentences and clauses by which `text` goes beyond what the two texts disagree about.

    These are the ones that `other` does not repeat word for word, but for the one that shares most words with `other`:
    that one is taken to be the disputed one.
    """
    names, theirs = frozenset(map(_normal_form, _clauses(other))), frozenset(stems(other))
    names |= frozenset(map(_normal_form, split(other)))
    alone = [clause for clause in _clauses(text) if _normal_form(clause) not in names]
    if not alone:
        return ()
    disputed = max(alone, key=lambda clause: len(theirs.intersection(stems(clause))))
    return tuple(clause for clause in alone if clause is not disputed)


def _clauses(text: str) -> Iterator[str]:
    """Yield the sentences of a text, split at conjunctions where both halves say something by themselves."""
    for sentence in split(text):
        start = 0
        for conjunction in _CONJUNCTION.finditer(sentence):
            if _is_clause(sentence[start : conjunction.start()]) and _is_clause(
                sentence[conjunction.end() :]
            ):
                yield sentence[start : conjunction.start()]
                start = conjunction.end()
        yield sentence[start:]


def _is_clause(text: str) -> bool:
    return len(WIDE.findall(text)) >= _MIN_CLAUSE_CHARACTERS or len(text.split()) >= _MIN_CLAUSE_WORDS


def nearest(text: str, other: str, length: int) -> str:
    """Return the sentences of `text` that share most words with `other`, at most `length` characters in all.

    They keep their order. The first sentence has precedence because it says what the text is about; if not even that
    one fits, the whole text is returned.
    """
    sentences, theirs = split(text), frozenset(stems(other))
    shares = [len(theirs.intersection(own := stems(one))) / max(len(own), 1) for one in sentences]
    kept: set[int] = set()
    for number in sorted(range(len(sentences)), key=lambda number: (number > 0, -shares[number], number)):
        if length < len(sentences[number]):
            break
        kept.add(number)
        length -= len(sentences[number]) + 1
    return "\n".join(sentences[number] for number in sorted(kept)) if kept else text


def _normal_form(sentence: str) -> str:
    return normalised(sentence).rstrip(".!。;；")
