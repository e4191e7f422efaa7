"""Whether one text rules out what the other wants, and wants what the other rules out: "use tabs, no blanks"."""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos.core.text.remembered import remembered
from kairos.core.text.words import stems

_NO = re.compile(
    r"(?<!\w)(?:no|not|never|nothing|neither|nor|instead of|rather than|cannot|nicht|kein\w*|nie|niemals|statt|pas|"
    r"jamais|nunca|não|не|никогда)(?!\w)|(?<=\w)n['’]t(?!\w)",
    re.IGNORECASE,
)
"""What rules out the words behind it."""
_CONDITION = re.compile(
    r"(?<!\w)(?:if|when|whenever|unless|until|before|after|once|while|without|wenn|falls|bis|bevor|nachdem|solange|ohne|si|"
    r"quand|avant|sans|cuando|hasta|sin|quando|até|sem|если|когда|пока|без)(?!\w)",
    re.IGNORECASE,
)
"""What makes a negation say when, not what: "no deploy until tests pass" wants what "if they do not, stop" wants."""
_END = re.compile(
    r"[.,;:!?()\n|–—→]|\s-\s|(?<!\w)(?:but|and|when|if|unless|because|since|before|after|until|always|only|use|aber|"
    r"sondern|und|wenn|mais|et|pero|y|mas|e|но|и|а)(?!\w)",
    re.IGNORECASE,
)
"""Where what a negation rules out ends."""
_FEW = 3
"""Words that are ruled out, at most: of more it is not plain which one is meant."""


class _Said(NamedTuple):
    """The words that a text rules out, and its other words."""

    out: frozenset[str]
    wanted: frozenset[str]


def crossed(a: str, b: str) -> bool:
    """Whether two texts that rule out one thing each exchange it for what they want.

    All words that one of them rules out have to stand in the other.
    """
    one, other = _said(a), _said(b)
    if one is None or other is None:
        return False
    return (
        bool(one.out & other.wanted)
        and bool(other.out & one.wanted)
        and one.out <= other.wanted | other.out
        and other.out <= one.wanted | one.out
    )


@remembered(8192)
def _said(text: str) -> _Said | None:
    """Return what a text rules out, and what not; None where it does so never, several times, at length, or where it
    speaks of conditions."""
    found = list(_NO.finditer(text))
    if len(found) != 1 or _CONDITION.search(text):
        return None
    (no,) = found
    end = _END.search(text, no.end())
    until = end.start() if end else len(text)
    behind = frozenset(stems(text[no.end() : until]))
    around = frozenset(stems(f"{text[: no.start()]} {text[until:]}"))
    out = behind - around
    return _Said(out, around - behind) if 0 < len(out) <= _FEW else None
