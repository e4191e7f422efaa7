"""Checks on the signals of a pair: which differences forbid a merge, and what could be a conflict at all."""

from __future__ import annotations

from kairos.core.judgement.signals import Signals
from kairos.model import Opinion

_SAME_SENTENCE = 0.75
"""Share of common words from which two texts count as the same sentence."""
_SAME_RELATION = 0.5
"""Share of common words from which two sentences that relate the same two things say nothing else."""
_PLAINLY_OPPOSED = 2
"""Number of opposites from which two texts are plainly opposed: "off, opt-in" and "on, opt-out"."""


def differ(found: Signals) -> bool:
    """Whether values, negations, labels or single words differ, which forbids an unattended merge."""
    negated = bool(found.negation % 2 or found.one_negates)
    # "Never before she has …" and "must … before": a negation and an opposite can cancel each other out.
    cancelled_out = found.moved and negated and found.antonyms
    opposed = (negated or found.antonyms) and not cancelled_out
    exchanged = found.swapped or found.regrouped or found.recoded or opposed
    same_sentence = min(found.words_ab, found.words_ba) >= _SAME_SENTENCE
    return (
        found.cross_language
        or found.clashes
        or found.one_done
        or found.labelled_apart
        or found.signs_apart
        or bool(found.told_apart)
        or found.turned
        or found.crossed
        or found.antonyms >= _PLAINLY_OPPOSED
        or bool(found.lacks_a and found.lacks_b)
        or _is_word_apart(found)
        or bool(exchanged and same_sentence)
    )


def may_differ(found: Signals) -> bool:
    """Whether the words leave a doubt that a model has to overcome: "never X" can mean "only Y"."""
    turned = found.negation % 2 or found.one_negates or found.antonyms or found.swapped or found.turned
    return bool(turned or found.crossed or found.one_word_apart or found.changes_a or found.changes_b)


def _is_word_apart(found: Signals) -> bool:
    """Whether the sides are the same sentence but for a word or two: "purple" for "cyan" is not a paraphrase.

    If the common words come in another order, the sentence was rephrased, and other words are to be expected.
    """
    same_sentence = min(found.words_ab, found.words_ba) >= _SAME_SENTENCE
    return (found.one_word_apart or (found.substituted and same_sentence)) and not found.moved


def has_common_words(found: Signals, opinion: Opinion | None) -> bool:
    """Whether there is a model's opinion, or vectors that can be trusted, or enough common words to make up for both.

    Vectors say little about scripts other than Latin.
    """
    return opinion is not None or not found.other_script or max(found.words_ab, found.words_ba) >= 0.5


def is_unfounded(found: Signals) -> bool:
    """Whether a conflict could rest on nothing but vectors and a model that know little of the script."""
    turned = found.negation or found.antonyms or found.one_done or found.swapped
    return found.other_script and not (found.clashes or turned or may_differ(found))


def is_same_wording(found: Signals) -> bool:
    """Whether nothing could clash: all values agree, and so do most words."""
    lacks = found.lacks_a or found.lacks_b or found.substituted or found.limited_apart
    differs = lacks or differ(found) or may_differ(found)
    return not differs and min(found.words_ab, found.words_ba) >= _SAME_SENTENCE


def is_told_inversely(found: Signals) -> bool:
    """Whether two sentences say the same by inverse words, "slower than" and "faster than", and nothing else differs.

    Of the 77 such pairs in the training families, 3 are in conflict.
    """
    negated = found.negation or found.one_negates
    differs = found.clashes or found.lacks_a or found.lacks_b or negated or found.changes_a or found.changes_b
    return (
        found.inverted
        and found.single
        and not differs
        and min(found.words_ab, found.words_ba) >= _SAME_RELATION
    )


def is_one_value_apart(found: Signals) -> bool:
    """Whether the sides are the same sentence but for one value: port 8080, port 9090."""
    one_value = len(found.lacks_a) == len(found.lacks_b) == 1
    return one_value and min(found.words_ab, found.words_ba) >= _SAME_SENTENCE and found.cosine >= 0.8
