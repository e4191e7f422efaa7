"""Texts of which only one is certain, while the other hedges: a guess, a proposal, something that holds only in part.

A guess cannot replace what is known, and replacing the guess by what is known would lose the doubt.
"""

from __future__ import annotations

import re

from kairos.core.text.caching import cached
from kairos.core.text.words import is_short

_HEDGE = re.compile(
    r"(?<!\w)(?:probably|possibly|perhaps|maybe|supposed(?:ly)?|allegedly|apparently|presumably|reportedly|might|"
    r"(?:I|we|he|she|they) (?:think|thinks|guess|believe|believes|assume)|suspect\w*|hunch|"
    r"(?-i:he|she|they|(?!It |This |User )[A-Z][a-z]+) (?:says?|said|claims?|claimed) that|"
    r"it seems|seems to|rumou?r\w*|said to|assumed|likely|unconfirmed|unsure|not sure|not certain|tentative(?:ly)?|"
    r"in theory|should be \w+(?:ed|en|ne)? by now|wahrscheinlich|vermutlich|vielleicht|angeblich|wohl|anscheinend|"
    r"möglicherweise|eventuell|probablement|peut-être|sans doute|apparemment|probablemente|quizás?|tal vez|al parecer|"
    r"supuestamente|"
    r"devrai(?:t|ent) être|debería(?:n)? (?:estar|haber)|deve(?:m)? ter sido|provavelmente|talvez|aparentemente|"
    r"вероятно|наверное|возможно|кажется|похоже|якобы)(?!\w)"
    r"|也许|大概|据说|似乎|たぶん|おそらく|らしい|かもしれ",
    re.IGNORECASE,
)
_PROPOSAL = re.compile(
    r"(?<!\w)(?:we (?:want|would like) to|let['’]s(?! encrypt)|suggest(?:s|ed|ion)?|propos(?:al|es?|ed|ing)|"
    r"considering|considered|thinking (?:of|about)|could be|needs? to be|ready to be|should have been|"
    r"up for discussion|"
    r"vorgeschlagen|vorschlag|überlegen|überlegt|wir wollen|wollen wir|nous voulons|queremos|proposé\w*|proposition|"
    r"envisag\w+|propuest[oa]|propost[oa]|предлага\w+|предложен\w*|хотим|хочет)(?!\w)|建议|考虑|打算|提案|検討",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?<!\w)(?:almost|nearly|partly|partially|barely|hardly|roughly|the acting|"
    r"co-(?:owner|lead|author|founder|maintainer)|"
    r"(?<!is )(?<!are )(?<!be )(?<!was )(?<!were )used to|"
    r"formerly|previously|in the past|früher|damals|ehemals|autrefois|auparavant|antiguamente|antigamente|"
    r"раньше|beinahe|teilweise|kaum|presque|en partie|"
    r"parcialmente|quase|почти|частично|бывш\w+)(?!\w)|几乎|ほぼ",
    re.IGNORECASE,
)


def hedged_apart(a: str, b: str) -> bool:
    """Whether only one of two texts hedges; a long text never counts: its doubt may concern only a part of it."""
    return _hedges(a) != _hedges(b)


@cached(8192)
def _hedges(text: str) -> bool:
    return is_short(text) and any(pattern.search(text) for pattern in (_HEDGE, _PROPOSAL, _PART))
