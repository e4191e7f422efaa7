"""Whether each of two texts rules out what the other wants: "use tabs, not spaces" and "use spaces, not tabs"."""

from __future__ import annotations

import re
from typing import NamedTuple

from kairos.core.text.caching import cached
from kairos.core.text.words import stems

_NEGATION = re.compile(
    r"(?<!\w)(?:no|not|never|nothing|neither|nor|instead of|rather than|cannot|nicht|kein\w*|nie|niemals|statt|pas|"
    r"jamais|nunca|não|не|никогда)(?!\w)|(?<=\w)n['’]t(?!\w)",
    re.IGNORECASE,
)
"""Words that rule out what follows them."""
_CONDITION = re.compile(
    r"(?<!\w)(?:if|when|whenever|unless|until|before|after|once|while|without|wenn|falls|bis|bevor|nachdem|solange|ohne|si|"
    r"quand|avant|sans|cuando|hasta|sin|quando|até|sem|если|когда|пока|без)(?!\w)",
    re.IGNORECASE,
)
"""Words that make a negation say when rather than what: "no deploy until tests pass" and "if they do not, stop" want
the same."""
_SCOPE_END = re.compile(
    r"[.,;:!?()\n|–—→]|\s-\s|(?<!\w)(?:but|and|when|if|unless|because|since|before|after|until|always|only|use|aber|"
    r"sondern|und|wenn|mais|et|pero|y|mas|e|но|и|а)(?!\w)",
    re.IGNORECASE,
)
"""What ends the scope of a negation."""
_MAX_RULED_OUT = 3
"""How many words may be ruled out at most: with more it is unclear which one is meant."""


class _Stance(NamedTuple):
    """The stems of the words that a text rules out, and of its other words."""

    ruled_out: frozenset[str]
    wanted: frozenset[str]


def crossed(a: str, b: str) -> bool:
    """Whether each of two texts rules out something that the other wants.

    All words that one of them rules out have to occur in the other.
    """
    one, other = _stance(a), _stance(b)
    if one is None or other is None:
        return False
    return (
        bool(one.ruled_out & other.wanted)
        and bool(other.ruled_out & one.wanted)
        and one.ruled_out <= other.wanted | other.ruled_out
        and other.ruled_out <= one.wanted | one.ruled_out
    )


@cached(8192)
def _stance(text: str) -> _Stance | None:
    """Return what a text rules out and what it does not.

    None if it has not exactly one negation, rules out nothing or too many words, or states a condition.
    """
    found = list(_NEGATION.finditer(text))
    if len(found) != 1 or _CONDITION.search(text):
        return None
    (no,) = found
    end = _SCOPE_END.search(text, no.end())
    until = end.start() if end else len(text)
    behind = frozenset(stems(text[no.end() : until]))
    around = frozenset(stems(f"{text[: no.start()]} {text[until:]}"))
    ruled_out = behind - around
    return _Stance(ruled_out, around - behind) if 0 < len(ruled_out) <= _MAX_RULED_OUT else None
