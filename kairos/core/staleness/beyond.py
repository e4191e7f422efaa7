"""What a sentence says beyond the end that it names, and beyond that something is done: that outlasts the day."""

from __future__ import annotations

import re

from kairos.core.dates.days import mentions

_MORE = re.compile(
    r"[\s*_)\]]*(?:[,;:—–]|\s-\s)\s*(?!(?:use|take|ask|call|send|go|please|do not|don['’]t|no|so)\b)"
    r"[^\W\d_]\w*\W+\w+|\s*\((?:[^()\s]+\s+){2,}[^()]*\)|\s*[，；。：、]\s*\S{3,}",
    re.IGNORECASE,
)
"""A clause of its own, or a remark of several words: "…, code 4712 after it"; what to do meanwhile is none."""
_ALSO = re.compile(r"(?<!\w)(?:and|but|und|aber|et|mais|y|pero|e|mas|и|а|но)\s+[^\W_]+\s+\w", re.IGNORECASE)
"""What else is said: "… and the owner is Kofi"."""
_OUTCOME = re.compile(r"\s*\(\s*[^\W\d_]")
"""A remark behind the day of a task."""
_LATER = re.compile(
    r"(?<!\w)(?:that|afterwards?|thereafter|dass|danach|que|ensuite|después|depois|что|потом)(?!\w)",
    re.IGNORECASE,
)
"""What a task is about, or what comes after it."""
_RECURS = re.compile(
    r"(?<!\w)(?:every|each|nightly|hourly|daily|weekly|monthly|yearly|annually|jede[nmrs]?|täglich|wöchentlich|jährlich|"
    r"chaque|tous les|toutes les|cada|todos los|todas las|todos os|todas as|ogni|каждый|каждую|каждое)(?!\w)"
    r"|每[天日周月年]|毎[日週月年]",
    re.IGNORECASE,
)
"""What comes again may hold until a day of each year, or on each of the days until then."""
_TOLD = re.compile(
    r"(?<!\w)(?:says?|said|thinks?|thought|believes?|claims?|guess(?:es)?|according to|allegedly|supposedly|"
    r"laut|sagte?|meint|angeblich|selon|dit que|según|dice que|segundo|diz que|говорит|думает|по словам)(?!\w)",
    re.IGNORECASE,
)
"""What somebody said: that is no less true once it is over."""
_BEGINS = re.compile(
    r"(?<!\w)(?:(?:is|are|will|does|do|shall) not|(?:is|are|wo|does)n['’]t)(?: \w+){1,5} (?:until|till)(?!\w)",
    re.IGNORECASE,
)
"""What does not hold until a day begins with it: "the office is not closed until March"."""
_COMMAND = re.compile(r"(?:^|[,;:.]\s*|\band\s+)do not(?!\w)", re.IGNORECASE)
_YET = re.compile(
    r"(?<!\w)(?:but|however|still|yet|though|except|only|must|needs?|ha(?:s|ve) to|reject\w*|fail\w*|refus\w*|"
    r"declin\w*|aber|jedoch|muss|abgelehnt|mais|doit|refusé\w*|pero|debe|rechazad\w*|mas|deve|recusad\w*|но|надо)(?!\w)"
    r"|但|还|只",
    re.IGNORECASE,
)
"""What is left to do, or that it was in vain."""


def says_more(sentence: str, end: int) -> bool:
    """Whether a sentence says more than that something holds until a day, of which the words end at `end`."""
    return (
        _MORE.match(sentence, end) is not None
        or _ALSO.search(sentence, end) is not None
        or any(pattern.search(sentence) for pattern in (_RECURS, _TOLD))
        or _BEGINS.search(_COMMAND.sub("", sentence)) is not None
    )


def has_outcome(task: str) -> bool:
    """Whether a task is one of many, or tells behind its day what came of it: "ask Kofi by Friday (he is for it)"."""
    if _RECURS.search(task) or _LATER.search(task):
        return True
    end = max((one.end for one in mentions(task, reference=None)), default=len(task))
    return (_OUTCOME.match(task, end) or _MORE.match(task, end)) is not None


def adds(rest: str) -> bool:
    """Whether what follows "done" tells more than where and when: a number, a failure, what is left to do."""
    for one in reversed(mentions(rest, reference=None)):
        rest = f"{rest[: one.start]} {rest[one.end :]}"
    return any(map(str.isdigit, rest)) or is_left_open(rest)


def is_left_open(remark: str) -> bool:
    """Whether a remark on what is done says that it was in vain, or what is left to do: "sent, but they refused"."""
    return _YET.search(remark) is not None
