"""The reasons for a judgement, in words that a person understands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from operator import itemgetter

from kairos.core.judgement.signals import Signals, Similarity
from kairos.core.text.phrases import change_phrases
from kairos.core.text.words import STOP_WORDS
from kairos.core.values.differing import differing
from kairos.core.values.values import located_values
from kairos.model import MODEL_OPINION, MODEL_UNRELATED, Evidence, Opinion, Statement

_UNEQUAL = " ≠ "
_OTHER = {"the first": "the second", "the second": "the first"}
_SIDE = re.compile("the first|the second")
_ABOUT_SIDES = frozenset(("words", "values", "coverage", "wording", MODEL_OPINION))
_SHOWN = 4
_LONGEST_SUBJECT = 8
_SEARCHED_WORDS = 200  # words of each side that are searched for a common phrase
_COVERED = 0.7
"""Cosine from which one sentence is said to cover another. For display only: no decision depends on it."""
_NEARLY_ALL = 0.8
"""Share of the chance of a merge from which it is named by one of its forms. For display only."""
_MERGING = (
    ("same", "they say the same"),
    ("a_contains_b", "the first says all that the second says, and more"),
    ("b_contains_a", "the second says all that the first says, and more"),
)


def evidence_of(
    a: Statement, b: Statement, signals: Signals, similarity: Similarity, opinion: Opinion | None
) -> tuple[Evidence, ...]:
    """Return all reasons for the judgement of a pair."""
    return tuple(_reasons(a, b, signals, similarity, opinion))


def exchanged(item: Evidence) -> Evidence:
    """Return the same reason for the pair with its sides exchanged."""
    if item.kind == "clash":
        return replace(item, text=_UNEQUAL.join(reversed(item.text.split(_UNEQUAL))))
    count = 1 if item.kind == "values" else 0  # after the first match come values quoted from the notes
    if item.kind in _ABOUT_SIDES:
        return replace(item, text=_SIDE.sub(lambda side: _OTHER[side.group()], item.text, count=count))
    return item


def _reasons(
    a: Statement, b: Statement, signals: Signals, similarity: Similarity, opinion: Opinion | None
) -> Iterator[Evidence]:
    yield Evidence("similarity", f"similarity {signals.cosine:.2f}", round(signals.cosine, 4))
    yield from _values(a, b, signals)
    if (
        signals.missing_in_a
        and signals.missing_in_b
        and (subject := _common_phrase(a.text.split(), b.text.split()))
    ):
        yield Evidence("subject", f"both mention `{subject}`")
    yield from _coverage(a, b, similarity)
    yield from (Evidence(kind, text) for kind, text in _wording(a, b, signals) if text)
    if opinion is not None:
        yield _said(opinion)


def _said(opinion: Opinion) -> Evidence:
    """Return what the model says: that the two can be merged, that they contradict each other, or neither."""
    chance, kind, words = max(
        (opinion.merging, MODEL_OPINION, _merge_in_words(opinion)),
        (opinion.conflict, MODEL_OPINION, "they cannot both be right"),
        (opinion.distinct, MODEL_UNRELATED, "they are about different things"),
        key=itemgetter(0),
    )
    return Evidence(kind, f"{words}, according to the judge model ({chance:.0%})", round(chance, 4))


def _merge_in_words(opinion: Opinion) -> str:
    """Name a merge by the form that it would have, if one of the three has nearly all of its chance."""
    form, words = max(((getattr(opinion, name), text) for name, text in _MERGING), key=itemgetter(0))
    return words if form >= _NEARLY_ALL * opinion.merging else "one of them says all that the other says"


def _wording(a: Statement, b: Statement, signals: Signals) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for everything the wording shows besides values; the text is "" if it does not apply."""
    yield (
        "label",
        "they start with the names of two things, or with two values of one thing" * signals.labelled_apart,
    )
    yield "scope", "they are about different environments, systems or parts" * signals.clash_scope
    yield "names", "they name different people or things" * signals.clash_name
    yield "negation", "only one side is negated" * (signals.negation % 2)
    yield "opposites", "they use opposite words" * bool(signals.antonyms)
    yield "task", "one side is ticked off, the other is still open" * signals.one_done
    yield "order", "they state the same relation in opposite directions" * signals.turned
    yield "negation", "each rules out what the other asks for" * signals.crossed
    yield "order", "they assign the same names or values differently" * (signals.swapped or signals.regrouped)
    yield (
        "order",
        "the same words are in a different order, or joined by different signs or small words"
        * signals.signs_apart,
    )
    yield "telling", signals.told_apart
    yield "wording", _change_text(a, b, signals)
    yield "language", "they are written in different languages" * signals.cross_language


def _values(a: Statement, b: Statement, signals: Signals) -> Iterator[Evidence]:
    pairs, of_a, of_b = differing(a, b)
    for one, other in pairs:
        yield Evidence("clash", f"{one}{_UNEQUAL}{other}")
    if of_a:
        yield Evidence("values", f"the first alone has {_listed(of_a)}")
    if of_b:
        yield Evidence("values", f"the second alone has {_listed(of_b)}")
    if not pairs and not of_a and not of_b and signals.shared_values:
        count = signals.shared_values
        words = {1: "the only value agrees", 2: "both values agree"}
        yield Evidence("values", words.get(count, f"all {count} values agree"))


def _common_phrase(a: Sequence[str], b: Sequence[str]) -> str:
    """Return the longest run of words that both sides share, without stop words at its ends."""
    a, b = a[:_SEARCHED_WORDS], b[:_SEARCHED_WORDS]
    folded = [word.casefold() for word in a], [word.casefold() for word in b]
    match = SequenceMatcher(None, *folded, autojunk=False).find_longest_match()
    words = list(a[match.a : match.a + match.size])
    while words and words[-1].casefold() in STOP_WORDS:
        words.pop()
    while words and words[0].casefold() in STOP_WORDS:
        words.pop(0)
    return " ".join(words[:_LONGEST_SUBJECT]).strip(".,:;")


def _coverage(a: Statement, b: Statement, similarity: Similarity) -> Iterator[Evidence]:
    """Say, for each side with several sentences, how many of them the other side covers."""
    for name, inner, other, outer in (
        ("the second", a, "the first", b),
        ("the first", b, "the second", a),
    ):
        if len(inner.sentences) > 1 and outer.sentences:
            by = (*outer.sentences, outer.text)
            count = sum(max(similarity(one, each) for each in by) >= _COVERED for one in inner.sentences)
            total = len(inner.sentences)
            yield Evidence("coverage", f"{name} covers {count} of {other}'s {total} sentences")


def _change_text(a: Statement, b: Statement, signals: Signals) -> str:
    if signals.changes_a and signals.changes_b:
        return "both mention a change"
    if signals.changes_a:
        return f'the first mentions a change: "{_change_phrase(a)}"'
    return f'the second mentions a change: "{_change_phrase(b)}"' if signals.changes_b else ""


def _change_phrase(side: Statement) -> str:
    """Return the first phrase of a text that tells of a change."""
    text = located_values(side.text).text
    start, end = change_phrases(text)[0]
    return text[start:end]


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown} and {len(values) - _SHOWN} more"
