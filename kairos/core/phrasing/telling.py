"""What tells two texts apart however alike their words are: words of one kind, stages, exceptions, lists, spellings.

None of this is a feature of the classifier: it forbids an unattended merge outright, and needs no training data.
"""

from __future__ import annotations

from kairos.core.phrasing.before_after import put_on_two_sides
from kairos.core.phrasing.enumerations import enumerated_apart
from kairos.core.phrasing.exceptions import all_apart, excepted_apart
from kairos.core.phrasing.hedges import hedged_apart
from kairos.core.phrasing.kinds import kinds_apart
from kairos.core.phrasing.other_names import named_otherwise
from kairos.core.phrasing.prefixes import denied_by_prefix
from kairos.core.phrasing.spelled import spelled_apart
from kairos.core.phrasing.stages import stages_apart
from kairos.model import Statement

_REASONS = (
    (stages_apart, "one tells of what is planned, under way or over, the other of what is not"),
    (put_on_two_sides, "what comes before something here comes after it there"),
    (excepted_apart, "one side makes an exception, the other does not"),
    (hedged_apart, "one side is not sure of what the other says, or only proposes it"),
    (all_apart, "what one side says of all of something, the other says of some kind of it"),
    (denied_by_prefix, "one side has a word of which the other has the contrary"),
    (named_otherwise, "each names something of which the other says nothing"),
    (enumerated_apart, "their lists differ in an item"),
)
_WRITTEN = "they write a quote, a key, a ratio or a name in code with other signs"


def told_apart(a: Statement, b: Statement) -> str:
    """Return what tells two texts apart, in words; "" if nothing does."""
    if kind := kinds_apart(a.text, b.text):
        return f"they name two things of one kind ({kind})"
    reasons = (reason for is_apart, reason in _REASONS if is_apart(a.text, b.text))
    return next(reasons, "") or _WRITTEN * spelled_apart(a, b)
