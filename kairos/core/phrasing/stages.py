"""How far along something is by what a text says: planned, under way, done. "Was moved" is not "will be moved"."""

from __future__ import annotations

import re

from kairos.core.text.caching import cached
from kairos.core.text.phrases import negations
from kairos.core.text.words import is_short

_PLANNED, _UNDER_WAY, _CHANGING, _DONE = "planned", "under way", "changing", "done"
_WAS, _IS, _HOLDS = "was", "is", "holds"
_WORDS = {
    _PLANNED: r"will(?! (?:not|no|in (?:der|die|das|dem|den))\b)|(?:is|are|am|['’](?:re|s|m)) going to|"
    r"plan(?:s|ned)? to|planning to|about to|upcoming|geplant\w*|sera|seront|se hará|será|serán|serão|будет|будут",
    _UNDER_WAY: r"(?:is|are) being|in progress|working on|under ?way|ongoing|not yet|läuft noch|noch nicht|"
    r"wird gerade|werden gerade|arbeitet an|en cours|en train de|pas encore|en curso|"
    r"se está \w+ndo|está sendo|em andamento|ещё не|еще не",
    _CHANGING: r"(?:is|are) (?:\w+ )?being \w+",
    _DONE: r"(?:was|were|(?:has|have|had) been|(?:has|have)(?: \w+)? \w{2,}ed)|finished|completed|"
    r"wurden?|abgeschlossen|(?:a|ont) été|fue|fueron|se hizo|foi|foram|был[аио]?",
    _WAS: r"(?:was|were)(?! (?:\w+ )?\w+(?:ed|en|wn|ne|lt|nt|ft|de|ht|ut|un|id|pt|ld|et)\b)|used to|était|étaient",
    _IS: r"is|are|am|est|sont",
}
_PATTERNS = {
    stage: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for stage, words in _WORDS.items()
}
_CONDITION = re.compile(
    r"(?<!\w)(?:if|when|whenever|once|unless|as soon as|wenn|falls|sobald|si|quand|cuando|quando|если|когда)(?!\w)",
    re.IGNORECASE,
)
"""Words that turn a plan into a rule: after "when …", "will" says what always happens."""
_REMARK = re.compile(r"\([^()]*\)")
_SHORT = 14
"""Number of words up to which a text is taken to be about one thing, so that the verb applies to it."""
_EXCLUDE_EACH_OTHER = (
    (_PLANNED, _DONE),
    (_UNDER_WAY, _DONE),
    (_UNDER_WAY, _PLANNED),
    (_PLANNED, _IS),
    (_PLANNED, _HOLDS),
    (_CHANGING, _HOLDS),
    (_WAS, _IS),
)


def stages_apart(a: str, b: str) -> bool:
    """Whether two texts speak of stages that exclude each other: planned and done, or what was and what is."""
    one, other = _stages(a), _stages(b)
    return one.isdisjoint(other) and any(
        (first in one and second in other) or (first in other and second in one)
        for first, second in _EXCLUDE_EACH_OTHER
    )


@cached(8192)
def states_condition(text: str) -> bool:
    """Whether a text says what happens if or when something is so."""
    return _CONDITION.search(text) is not None


@cached(8192)
def _stages(text: str) -> frozenset[str]:
    """Return the stages that a text speaks of; a short text that speaks of none simply holds.

    Empty if the text negates or states a condition.
    """
    plain = _REMARK.sub(" ", text)
    if negations(plain.replace("not yet", "")) or _CONDITION.search(plain):
        return frozenset()
    found = {stage for stage in (_PLANNED, _UNDER_WAY, _CHANGING, _DONE) if _PATTERNS[stage].search(plain)}
    if not is_short(plain, _SHORT):
        return frozenset(found)
    is_so = _PATTERNS[_IS].search(plain) is not None
    if not is_so and found <= {_DONE} and _PATTERNS[_WAS].search(plain):
        return frozenset({_WAS, *found})
    return frozenset(found or {_IS if is_so else _HOLDS})
