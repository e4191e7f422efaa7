"""The features of a pair of statements: how alike the words are, and which values agree, differ or are one-sided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kairos.core.phrasing.added_words import adds_only_words
from kairos.core.phrasing.arrangement import (
    differ_in_one_place,
    moved,
    rearranged,
    regrouped,
    reordered,
    swapped,
)
from kairos.core.phrasing.crossed import crossed
from kairos.core.phrasing.distinctions import told_apart
from kairos.core.phrasing.labels import chained_apart, named_apart, set_apart
from kairos.core.phrasing.opposites import opposites, plainly_opposed
from kairos.core.phrasing.replaced_content import replaces_content
from kairos.core.phrasing.signs import limited_apart, same_words_apart, signs_apart
from kairos.core.phrasing.stages import states_condition
from kairos.core.phrasing.turned import inverse_wording, reversed_relation
from kairos.core.text.caching import cached
from kairos.core.text.language import are_both_ideographic, are_in_two_languages, is_other_script
from kairos.core.text.synonyms import meanings
from kairos.core.text.words import WIDE
from kairos.core.values.identifiers import normal_identifier, pointed_at
from kairos.core.values.missing import differing_quantities, missing_days, missing_identifiers
from kairos.core.values.quantity import Quantity
from kairos.core.values.values import Values, are_disjoint, scopes_apart, values
from kairos.model import Statement

Similarity = Callable[[str, str], float]
"""Cosine similarity of two texts, −1…1."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything the judge weighs.

    `*_ab` says how far `a` covers `b`, 0…1 for words, a cosine for `covered_ab`. `missing_in_a` are the values of `b`
    that `a` does not have. `extended`: one side repeats the other with words added.
    """

    cosine: float
    covered_ab: float
    covered_ba: float
    words_ab: float
    words_ba: float
    letters: float
    length: float
    missing_in_a: tuple[str, ...]
    missing_in_b: tuple[str, ...]
    shared_values: int
    clash_quantity: bool
    clash_unit: bool
    clash_day: bool
    clash_identifier: bool
    clash_name: bool
    clash_scope: bool
    negation: int
    one_negates: bool
    antonyms: int
    plainly_opposed: bool
    one_done: bool
    changes_a: int
    changes_b: int
    both_conditional: bool
    cross_language: bool
    substituted: bool
    one_word_apart: bool
    content_replaced: bool
    swapped: bool
    turned: bool
    crossed: bool
    inverted: bool
    moved: bool
    reordered: bool
    rearranged: bool
    regrouped: bool
    labelled_apart: bool
    signs_apart: bool
    limited_apart: bool
    told_apart: str
    other_script: bool
    code_differs: bool
    extended: bool
    single: bool

    @property
    def clashes(self) -> bool:
        """Whether each side has a value of one kind that the other lacks: a number, day, identifier, name or scope."""
        return (
            self.clash_quantity
            or self.clash_day
            or self.clash_identifier
            or self.clash_name
            or self.clash_scope
        )

    def vector(self) -> tuple[float, ...]:
        """Return the feature vector of the classifier, symmetric features first."""
        low, high = sorted((self.covered_ab, self.covered_ba))
        words_low, words_high = sorted((self.words_ab, self.words_ba))
        lacks = (min(len(self.missing_in_a), 4), min(len(self.missing_in_b), 4))
        clashes = (
            self.clash_quantity + self.clash_day + self.clash_identifier + self.clash_name + self.clash_scope
        )
        return (
            self.cosine,
            self.cosine**2,
            low,
            high,
            words_low,
            words_high,
            self.letters,
            abs(self.length),
            float(min(lacks)),
            float(max(lacks)),
            float(min(self.shared_values, 5)),
            float(self.clash_quantity),
            float(self.clash_day),
            float(self.clash_identifier),
            float(self.clash_name),
            float(self.clash_scope),
            float(clashes > 0) * self.cosine,
            float(self.negation % 2),
            float(min(self.negation, 3)),
            float(self.negation % 2) * words_high,
            float(min(self.antonyms + self.one_done, 2)),
            float(min(self.changes_a + self.changes_b, 3)),
            float((self.changes_a > 0) != (self.changes_b > 0)),
            float(self.cross_language),
            float(self.clash_unit),
            float(self.swapped or self.turned or self.crossed),
            float(self.reordered),
            float(self.regrouped),
            # from here on: change sign when the sides are exchanged
            self.covered_ab - self.covered_ba,
            self.words_ab - self.words_ba,
            self.length,
            float(lacks[1] - lacks[0]),
            float(min(self.changes_b, 2) - min(self.changes_a, 2)),
        )


EVEN = 28
"""How many features of `Signals.vector` stay the same when the sides are exchanged; the rest change sign."""


def signals(a: Statement, b: Statement, similarity: Similarity) -> Signals:
    """Compute the signals of a pair."""
    va, vb = values(a.text, a.code), values(b.text, b.code)
    both_negate = va.negations == vb.negations > 0
    wide = _is_wide(a.text) or _is_wide(b.text)
    wa, wb = _meanings(a.text, wide=wide), _meanings(b.text, wide=wide)
    numbers_a, numbers_b = differing_quantities(va, vb)
    days_a, days_b = missing_days(va, vb), missing_days(vb, va)
    # Where more is told says nothing of the matter. Whether a pointer would be lost is for `values.loss`.
    named_a = missing_identifiers(va.identifiers - pointed_at(a.text), vb, b.text)
    named_b = missing_identifiers(vb.identifiers - pointed_at(b.text), va, a.text)
    missing_in_a, missing_in_b = (
        _shown_values(numbers_b, days_b, named_b),
        _shown_values(numbers_a, days_a, named_a),
    )
    return Signals(
        cosine=similarity(a.text, b.text),
        covered_ab=_coverage(b, a, similarity),
        covered_ba=_coverage(a, b, similarity),
        words_ab=_overlap(wb, wa),
        words_ba=_overlap(wa, wb),
        letters=_dice(_trigrams(a.text), _trigrams(b.text)),
        length=_length_difference(a.text, b.text),
        missing_in_a=missing_in_a,
        missing_in_b=missing_in_b,
        shared_values=_count_shared(va, vb),
        clash_quantity=bool(numbers_a and numbers_b),
        clash_unit=not _dimensions(numbers_a).isdisjoint(_dimensions(numbers_b)),
        clash_day=bool(days_a and days_b) or are_disjoint(va.weekdays, vb.weekdays),
        clash_identifier=bool(named_a and named_b),
        clash_name=are_disjoint(va.names, vb.names)
        and not _mentions(va.names, b.text)
        and not _mentions(vb.names, a.text),
        clash_scope=scopes_apart(va.scopes, vb.scopes),
        negation=abs(va.negations - vb.negations),
        one_negates=(va.negations > 0) != (vb.negations > 0),
        substituted=bool(wa - wb) and bool(wb - wa),
        one_word_apart=len(wa - wb) == len(wb - wa) == 1 or differ_in_one_place(a.text, b.text),
        content_replaced=wide or replaces_content(a.text, b.text, both_negate=both_negate),
        swapped=swapped(a.text, b.text),
        turned=reversed_relation(a.text, b.text),
        crossed=crossed(a.text, b.text),
        inverted=inverse_wording(a.text, b.text),
        moved=moved(a.text, b.text),
        reordered=reordered(a.text, b.text),
        rearranged=rearranged(a.text, b.text),
        regrouped=regrouped(a.text, b.text),
        labelled_apart=named_apart(a.text, b.text)
        or set_apart(a.text, b.text)
        or chained_apart(a.text, b.text),
        signs_apart=signs_apart(a.text, b.text) or same_words_apart(a.text, b.text),
        limited_apart=limited_apart(a.text, b.text),
        told_apart=told_apart(a, b),
        antonyms=opposites(a.text, b.text, both_negate=both_negate),
        plainly_opposed=plainly_opposed(a.text, b.text, both_negate=both_negate),
        one_done=None not in (a.done, b.done) and a.done != b.done,
        changes_a=va.changes,
        changes_b=vb.changes,
        both_conditional=states_condition(a.text) and states_condition(b.text),
        extended=adds_only_words(a, b),
        single=_is_single(a) and _is_single(b),
        code_differs=_code_differs(a.code, b.code),
        other_script=is_other_script(a.text) or is_other_script(b.text),
        cross_language=(va.is_cjk != vb.is_cjk and not are_both_ideographic(a.text, b.text))
        or are_in_two_languages(a.text, b.text),
    )


def _is_single(side: Statement) -> bool:
    """Whether a text is a single sentence."""
    return not side.sentences or side.sentences == (side.text,)


def _code_differs(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the sides have equally many code spans, but not the same ones.

    `conf` and `app/conf` differ too, although one may be a part of the other.
    """
    ours, theirs = (frozenset(map(normal_identifier, code)) for code in (one, other))
    return len(ours) == len(theirs) and ours != theirs


def _coverage(inner: Statement, outer: Statement, similarity: Similarity) -> float:
    """Return the cosine of the worst covered sentence of `inner` and its best match in `outer`."""
    if not inner.sentences or not outer.sentences:
        return similarity(inner.text, outer.text)
    by = (*outer.sentences, outer.text) if len(outer.sentences) > 1 else outer.sentences
    return min(max(similarity(one, other) for other in by) for one in inner.sentences)


def _dimensions(numbers: Sequence[Quantity]) -> frozenset[str]:
    return frozenset(number.dimension for number in numbers if number.dimension)


def _shown_values(
    numbers: Sequence[Quantity], days: Sequence[tuple[int, int, int]], identifiers: Sequence[str]
) -> tuple[str, ...]:
    """Return the values of one text that the other lacks, as they are shown."""
    return tuple(
        dict.fromkeys((*(number.text for number in numbers), *map(_written_day, days), *identifiers))
    )


def _written_day(day: tuple[int, int, int]) -> str:
    year, month, number = day
    return "-".join(
        part
        for part in (
            str(year) if year else "",
            f"{month:02}" if month else "",
            f"{number:02}" if number else "",
        )
        if part
    )


def _count_shared(va: Values, vb: Values) -> int:
    numbers = sum(any(q.equals(other) for other in vb.quantities) for q in va.quantities)
    return numbers + len(va.identifiers & vb.identifiers) + len(va.days & vb.days)


def _mentions(names: frozenset[str], text: str) -> bool:
    folded = text.casefold()
    return any(name in folded for name in names)


@cached(8192)
def _is_wide(text: str) -> bool:
    """Whether more than a quarter of a text is in a script without spaces between words."""
    return len(WIDE.findall(text)) > len(text) / 4


@cached(8192)
def _meanings(text: str, *, wide: bool) -> frozenset[str]:
    """Return the meanings of a text's words, or its character bigrams if either side of the pair is `wide`."""
    return _grams(text.casefold(), 2) if wide else meanings(text)


def _overlap(inner: frozenset[str], outer: frozenset[str]) -> float:
    """Return the share of `inner` that `outer` has too, 0…1, each word weighted by its length: long words tell more."""
    total = sum(len(word) for word in inner)
    return sum(len(word) for word in inner & outer) / total if total else 0.0


@cached(1024)  # each takes many kilobytes
def _trigrams(text: str) -> frozenset[str]:
    return _grams(" ".join(text.casefold().split()), 3)


def _grams(text: str, size: int) -> frozenset[str]:
    return frozenset([text[i : i + size] for i in range(max(1, len(text) - size + 1))])


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _length_difference(a: str, b: str) -> float:
    """Return how much longer `a` is than `b`, as a share of the longer one: −1…1."""
    return (len(a) - len(b)) / max(len(a), len(b), 1)
