"""Whether a text says that what it states itself is outdated, rather than that something else has changed.

"Superseded by db.md. We run Postgres 13." and "The old API listens on port 8080." are about the past. "Postgres 13 was
superseded by 15." announces what holds now.
"""

from __future__ import annotations

import re

from kairos.core.text.caching import cached
from kairos.core.text.patterns import lazy
from kairos.core.text.phrases import change_phrases

_PARTICIPLES = (
    r"superseded|deprecated|obsoleted?|outdated|retired|discontinued|out of date"
    r"|veraltete?[rsnm]?|überholte?[rsnm]?|hinfällig|abgelöste?[rsnm]?|obsolètes?|périmée?s?|dépréciée?s?"
    r"|obsolet[oa]s?|устарел\w*|устаревш\w*"
)
_ADJECTIVES = (
    rf"{_PARTICIPLES}|old|former|legacy|previous|alte[rsnm]?|ehemalige[rsnm]?|frühere[rsnm]?|ancien(?:ne)?s?"
    r"|antigu[oa]s?|antig[oa]s?|vie(?:j[oa]|ux|ille)s?|стар\w+|бывш\w+|прежн\w+"
)
_IDEOGRAPHS = r"已?(?:废弃|廢棄|过时|過時|作废|作廢|被取代)|廃止(?:済み)?|旧|舊"
_ARTICLE = r"(?:the|our|an?|der|die|das|den|dem|unsere?|les?|la|el|los|las|os?|as?)\s+|l['’]\s*"
_NOTE = r"(?:this|diese|cette|esta|эта)\s+(?:\w+\s+)?(?:is|was|has been|ist|wurde|est|está)\s+(?:now\s+)?"
_SINCE_OR_BY = r"by|since|as of|durch|seit|par|depuis|por|desde"
_LABEL = lazy(
    rf"[\W_]*(?:(?:{_PARTICIPLES})(?=\s*(?:[^\w\s]|$)|\s+(?:{_SINCE_OR_BY})\b)|{_NOTE}(?:{_PARTICIPLES})\b"
    rf"|(?:{_NOTE})?(?:replaced by|ersetzt durch) \S+\.md\b|(?:{_IDEOGRAPHS})(?=\W))",
    re.IGNORECASE,
)
"""How a text begins that says of itself, or of its note, that it is outdated."""
_SUBJECT = lazy(rf"[\W_]*(?:{_ARTICLE})?(?:(?:{_ADJECTIVES})\s+\w|(?:{_IDEOGRAPHS})\w)", re.IGNORECASE)
"""How a text begins that is about something outdated."""
_ASIDE = lazy(
    rf"(?:\(|（|,\s)(?:now\s+)?(?:{_PARTICIPLES}|legacy|{_IDEOGRAPHS})\b[^,.;()]*[,)）]", re.IGNORECASE
)
_MENTION = lazy(rf"\b(?:{_PARTICIPLES}|legacy)\b|{_IDEOGRAPHS}", re.IGNORECASE)
_NEW = lazy(
    r"\b(?:new|instead|neue?[rsnm]?|nouve\w+|nuev[oa]s?|nov[oa]s?|нов\w+)\b|新",
    re.IGNORECASE,
)


@cached(8192)
def is_outdated(text: str) -> bool:
    """Whether a text says that what it states no longer holds.

    It may be labelled so, or be about "the old …". The latter does not count if it also tells what is new.
    """
    if _LABEL.match(text):
        return True
    return bool(_SUBJECT.match(text) or _ASIDE.search(text)) and not _tells_what_is_new(text)


def mentions_outdated(text: str) -> bool:
    """Whether a text says of anything that it is outdated, be it of what it states or of something else."""
    return is_outdated(text) or _MENTION.search(text) is not None


def _tells_what_is_new(text: str) -> bool:
    rest = _ASIDE.sub(" ", text)
    return _NEW.search(rest) is not None or bool(change_phrases(rest))
