"""Recognises lines that tell what happened: the same words on two days are two events, not one fact told twice."""

from __future__ import annotations

import re

_LASTING = (
    r"(?!(?:learn|not|notic|realis|realiz|decid|agre|ask|want|prefer|need|us|call|nam|bas|stor|requir|support)"
    r"(?:ed|t)\b)"
)
"""What is reported with these words usually holds beyond the day."""
_IRREGULAR = (
    "was|were|had|did|went|ran|broke|sent|made|got|took|gave|came|met|fell|left|built|wrote|lost|won|paid|bought|"
    "began|shut|wurden?|waren?|hatten?|fiel|ging|lief|kam|bekam"
)
_EVENT = re.compile(
    rf"\W*{_LASTING}(?:\w{{2,}}ed|{_IRREGULAR})(?!\w)"
    rf"|\W*(?:\w+\W+){{0,3}}(?!(?:is|are|be|been|being|gets?|the|an?|and|or|of|with|no|each|every|all|our|my|your)\b)"
    rf"\w+ {_LASTING}(?:\w{{2,}}ed|{_IRREGULAR})(?!\w)",
    re.IGNORECASE,
)
"""A verb in the past tense among the first words, without a word before it that makes it a participle."""


def tells_of_event(text: str) -> bool:
    """Whether a line begins by telling what happened: "Restarted the pump", "the build failed"."""
    return _EVENT.match(text) is not None
