"""What tells two texts apart however alike their words are: words of one kind, stages, exceptions, lists, spellings.

None of this is a feature of the classifier: it forbids an unattended merge outright, and needs no training data.
"""

from __future__ import annotations

from kairos.core.phrasing.before_after import before_versus_after
from kairos.core.phrasing.denominators import amounts_apart
from kairos.core.phrasing.enumerations import enumerated_apart
from kairos.core.phrasing.exceptions import all_apart, excepted_apart
from kairos.core.phrasing.exchanged import pairs_exchanged
from kairos.core.phrasing.hedges import hedged_apart
from kairos.core.phrasing.kinds import kinds_apart
from kairos.core.phrasing.other_names import named_again, named_otherwise
from kairos.core.phrasing.prefixes import denied_by_prefix, opposed_by_prefix
from kairos.core.phrasing.replaced import replaced_by_own_word
from kairos.core.phrasing.sources import source_versus_target
from kairos.core.phrasing.stages import stages_apart
from kairos.core.phrasing.verbatim import verbatim_tokens_differ
from kairos.model import Statement

_REASONS = (
    (
        stages_apart,
        "one is about something planned, under way or over, the other about something that is not",
    ),
    (before_versus_after, "what one side puts before something, the other puts after it"),
    (excepted_apart, "only one side makes an exception"),
    (hedged_apart, "one side doubts or only proposes what the other states"),
    (all_apart, "one side is about all of something, the other only about some of it"),
    (denied_by_prefix, "one side has a word, the other its opposite"),
    (opposed_by_prefix, "one side has a word, the other its opposite"),
    (source_versus_target, "what one side names as a source, the other names as a target"),
    (amounts_apart, "their amounts are for different things"),
    (named_again, "one side names somebody or something a second time where the other names another"),
    (named_otherwise, "each names something that the other does not mention"),
    (enumerated_apart, "their lists differ in one item"),
    (pairs_exchanged, "what goes together on one side is exchanged on the other"),
)
_REPEATED = "one side repeats a word where the other has another one"
_WRITTEN = "they write a quotation, a key, a ratio or a name in code differently"


def told_apart(a: Statement, b: Statement) -> str:
    """Return what tells two texts apart, in words; "" if nothing does."""
    if kind := kinds_apart(a.text, b.text):
        return f"they name two different things of one kind ({kind})"
    reasons = (reason for is_apart, reason in _REASONS if is_apart(a.text, b.text))
    if reason := next(reasons, ""):
        return reason
    return _REPEATED * replaced_by_own_word(a, b) or _WRITTEN * verbatim_tokens_differ(a, b)
