"""Why two entries are in conflict, in the few words that head the conflict in a report."""

from __future__ import annotations

from difflib import SequenceMatcher

from kairos.core.judgement.ruling import EVIDENCE
from kairos.model import Entry, Judgement

_MOST_REASONS = 3
_DIFFERENCE = "clash"
_KINDS = (
    _DIFFERENCE,
    EVIDENCE,
    "wording",
    "values",
    "negation",
    "opposites",
    "task",
    "order",
    "scope",
    "names",
)
"""The kinds of evidence that say why two entries cannot both hold, the most telling first."""
_TELLING = _KINDS[:4]
"""The kinds of which several are named; the others are vague, and named only if there is none of these."""
_MOST_WORDS = 4
_PUNCTUATION = ".,;:!?。"
_ALIKE = 0.5
"""Share of common words from which two sentences are the same but for the words that differ."""


def reason_of_conflict(judgement: Judgement, a: Entry, b: Entry) -> str:
    """Return what clashes, or at least where: never a mere score."""
    said = {kind: [item.text for item in judgement.evidence if item.kind == kind] for kind in _KINDS}
    if not said[_DIFFERENCE] and judgement.clash and (words := _differing_words(*judgement.clash)):
        said |= {_DIFFERENCE: [words], "values": []}
    telling = [text for kind in _TELLING for text in said[kind]]
    vague = [text for kind in _KINDS for text in said[kind]]
    return "; ".join(telling[:_MOST_REASONS] or vague[:1]) or _where(a, b)


def _where(a: Entry, b: Entry) -> str:
    if a.path == b.path:
        return f"two entries of {a.path} contradict each other"
    return f"{a.path} and {b.path} contradict each other"


def _differing_words(a: str, b: str) -> str:
    """Return "Kofi ≠ Ada" for sentences that are the same but for a few words in one place; "" for others."""
    one, other = (side.rstrip(" .!。").split() for side in (a, b))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    changed = [
        (one[left:left_end], other[right:right_end])
        for tag, left, left_end, right, right_end in matcher.get_opcodes()
        if tag != "equal"
    ]
    if len(changed) != 1 or matcher.ratio() < _ALIKE:
        return ""
    left, right = changed[0]
    if not left or not right or max(len(left), len(right)) > _MOST_WORDS:
        return ""
    ours, theirs = (" ".join(words).rstrip(_PUNCTUATION) for words in (left, right))
    return f"{ours} ≠ {theirs}" if ours and theirs and ours != theirs else ""
