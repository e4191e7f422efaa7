"""Checks on the signals of a pair: which differences forbid a merge, and what could be a conflict at all."""

from __future__ import annotations

from kairos.core.judgement.signals import Signals
from kairos.model import Opinion

_SAME_SENTENCE = 0.75
"""Share of common words from which two texts count as the same sentence."""
_SAME_RELATION = 0.5
"""Share of common words from which two sentences that relate the same two things say nothing else."""


def forbids_merge(signals: Signals) -> bool:
    """Whether values, negations, labels or single words differ, which forbids an unattended merge."""
    negated = bool(signals.negation % 2 or signals.one_negates)
    # "Never before she has …" and "must … before": a negation and an opposite can cancel each other out.
    cancelled_out = signals.moved and negated and signals.antonyms
    opposed = (negated or signals.antonyms) and not cancelled_out
    exchanged = signals.swapped or signals.regrouped or signals.code_differs or opposed
    same_sentence = min(signals.words_ab, signals.words_ba) >= _SAME_SENTENCE
    return (
        signals.cross_language
        or signals.clashes
        or signals.one_done
        or signals.labelled_apart
        or signals.signs_apart
        or bool(signals.told_apart)
        or signals.turned
        or signals.crossed
        or signals.plainly_opposed
        or bool(signals.missing_in_a and signals.missing_in_b)
        or _is_word_apart(signals)
        or bool(exchanged and same_sentence)
    )


def leaves_doubt(signals: Signals) -> bool:
    """Whether the words leave a doubt that a model has to overcome: "never X" can mean "only Y"."""
    turned = (
        signals.negation % 2 or signals.one_negates or signals.antonyms or signals.swapped or signals.turned
    )
    return bool(turned or signals.crossed or signals.one_word_apart or signals.changes_a or signals.changes_b)


def _is_word_apart(signals: Signals) -> bool:
    """Whether the sides are the same sentence but for a word or two: "purple" for "cyan" is not a paraphrase.

    If the common words come in another order, the sentence was rephrased, and other words are to be expected. Words
    that tell nothing are in no other word's place.
    """
    same_sentence = min(signals.words_ab, signals.words_ba) >= _SAME_SENTENCE
    is_same = signals.one_word_apart or (signals.substituted and same_sentence)
    return is_same and signals.content_replaced and not signals.moved


def has_common_words(signals: Signals, opinion: Opinion | None) -> bool:
    """Whether there is a model's opinion, or vectors that can be trusted, or enough common words to make up for both.

    Vectors say little about scripts other than Latin.
    """
    return opinion is not None or not signals.other_script or max(signals.words_ab, signals.words_ba) >= 0.5


def is_unfounded(signals: Signals) -> bool:
    """Whether a conflict could rest on nothing but vectors and a model that know little of the script."""
    turned = signals.negation or signals.antonyms or signals.one_done or signals.swapped
    return signals.other_script and not (signals.clashes or turned or leaves_doubt(signals))


def is_same_wording(signals: Signals) -> bool:
    """Whether nothing could clash: all values agree, and so do most words."""
    lacks = signals.missing_in_a or signals.missing_in_b or signals.substituted or signals.limited_apart
    differs = lacks or forbids_merge(signals) or leaves_doubt(signals)
    return not differs and min(signals.words_ab, signals.words_ba) >= _SAME_SENTENCE


def is_only_extended(signals: Signals) -> bool:
    """Whether one side repeats the other with words added, and nothing else tells of a change or a difference."""
    return signals.extended and signals.changes_a == signals.changes_b and not forbids_merge(signals)


def is_told_inversely(signals: Signals) -> bool:
    """Whether two sentences say the same by inverse words, "slower than" and "faster than", and nothing else differs.

    Of the 77 such pairs in the training families, 3 are in conflict.
    """
    negated = signals.negation or signals.one_negates
    differs = (
        signals.clashes
        or signals.missing_in_a
        or signals.missing_in_b
        or negated
        or signals.changes_a
        or signals.changes_b
    )
    return (
        signals.inverted
        and signals.single
        and not differs
        and min(signals.words_ab, signals.words_ba) >= _SAME_RELATION
    )


def is_one_value_apart(signals: Signals) -> bool:
    """Whether the sides are the same sentence but for one value: port 8080, port 9090."""
    one_value = len(signals.missing_in_a) == len(signals.missing_in_b) == 1
    return one_value and min(signals.words_ab, signals.words_ba) >= _SAME_SENTENCE and signals.cosine >= 0.8
