"""Recognises finished tasks whose completion stands beside them, in whatever form, and deadlines that have passed.

"To do by 1 May: renew the card. Done on the 30th." says all there is to say about the card's renewal, and both days are
over. A deadline alone does not tell whether it was met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from kairos.core.dates.days import DayMention, Precision, mentions, without_days
from kairos.core.dates.today import Today
from kairos.core.staleness.beyond import SAYS_MORE, is_of_subject, recurs, tells_later
from kairos.core.staleness.bound import tells_of_past
from kairos.core.staleness.completion import is_completion, repeats_order
from kairos.core.staleness.days_finished import LONGEST_TASK, explains_result
from kairos.core.text.patterns import lazy

_LABEL_WORDS = (
    r"^\W*(?:to[ -]?do|task|action item|aufgabe|zu erledigen|noch zu tun|à faire|tâche|pendientes?|por hacer|tarea|"
    r"pendentes?|a fazer|tarefa|da fare|compito|сделать|задача|надо сделать|待办(?:事项)?|待辦(?:事項)?|任务|"
    r"やること|タスク)"
    r"(?![\w-])"
)
_LABEL_WORD = lazy(_LABEL_WORDS, re.IGNORECASE)
_LABEL = lazy(rf"{_LABEL_WORDS}(?:\s*[(（][^()（）]{{0,30}}[)）])?\s*[:：]?\s*", re.IGNORECASE)
_DUE_BEFORE = lazy(
    r"(?:(?<!\w)(?:by|before|until|till|due(?: on| by)?|no later than|not later than|deadline:?|bis(?: zum|"
    r" spätestens)?|"
    r"vor dem|spätestens(?: am)?|fällig(?: am)?|avant(?: le)?|pour le|d['’]ici(?: le| au)?|au plus tard le|"
    r"échéance(?: le)?|"
    r"antes del?(?: d[ií]a)?|para el|hasta el|a más tardar el|até(?: o dia| ao dia| a| ao)?|para o dia|prazo:?|"
    r"entro il|prima del|до|к|не позднее)|截止(?:到|于|日期)?[:：]?|期限[は:：]?|在)\s*(?:the |(?:mon|tues|"
    r"wednes|thurs|fri|satur|sun)day,? )?$",
    re.IGNORECASE,
)
_DUE_AFTER = lazy(r"\s*(?:\([^()]{0,12}\)\s*)?(?:之前|以前|前(?!后)|までに|截止)")
_REMARK = re.compile(
    r"[\s,;；，]*[(（\[]([^()（）\[\]]+)[)）\]]\W*$|\s*(?:[;,；，—–→✅✓✔]|\s-\s)+\s*([^;,；，—–→✅✓✔()（）]+)$"
)
"""A remark at the end: in brackets, or after a dash or a comma."""
_JOINT = re.compile(r"\s*(?:[;；—–]|\s-\s)\s*")
"""Where a remark may begin that has commas: "… – sent on Monday, done"."""
_OPENING_REMARK = re.compile(r"^\W*([^:：]{2,60})[:：]\s*(?=\S)")
_GOAL_IS_A_VALUE = lazy(
    r"(?<!\w)(?:to|at|auf|à|a|para|su|на|до)\s+[`\"“„«]?(?:v\.?\s?)?[€$£]?\d(?![\d.:/-]*\s*(?:people|persons?|"
    r"members?))"
    r"|[为為到成]\s?`?\d|=\s?\S|→|->",
    re.IGNORECASE,
)
"""The task sets something to a value, which may be written nowhere else: "raise the limit to 40"."""
_OBLIGATION = lazy(
    r"(?<!\w)(?:whoever|early bird|wer|quiconque|quien(?:es)?|quem|must|ha(?:s|ve) to|needs? to|(?:is|"
    r"are) to(?! be)|(?:is|are) to be|(?:is|are) due|deadline|closing date|"
    r"muss|müssen|ist (?:\S+ ){0,3}abzugeben|abgabe|frist|anmeldeschluss|einsendeschluss|"
    r"doi(?:t|vent)|il faut|date limite|à (?:rendre|remettre|envoyer|déposer)|hay que|deben?|fecha límite|plazo|"
    r"deve[m]?|é preciso|prazo|scadenza|bisogna|нужно|надо|необходимо|срок|должн\w+)(?!\w)|必须|需要?在|截止|"
    r"締め?切り?|提出期限",
    re.IGNORECASE,
)
_UNFINISHED = lazy(
    r"(?<!\w)(?:not|never|partly|partially|half(?!-\w)|unless|once|when|if|nicht|nie|teilweise|falls|wenn|pas|jamais|si|no|"
    r"nunca|não|se|non|не|если)(?!\w)|没|未|不|如果",
    re.IGNORECASE,
)


def finished(sentences: Sequence[str], today: Today) -> tuple[date, str] | None:
    """Return the last day of a task with its completion and why it may say more; None if it is no finished task.

    `sentences` are all that an entry says. The completion is the last sentence, or a remark in brackets at the end.
    """
    parts = (_judged(task, remark, today) for task, remark in _apart(sentences))
    return next(filter(None, parts), None)


def _judged(task: str, remark: str, today: Today) -> tuple[date, str] | None:
    """Return what `finished` does of a task and the remark after it."""
    label = _LABEL.match(task)
    called_task = label is not None or _OBLIGATION.search(task) is not None
    if not is_completion(remark, task, called_task=called_task):
        return None
    asked = today.mentions(task)
    due = [mention for mention in asked if is_due(task, mention)]
    found = [*asked, *mentions(remark, reference=due[0].first if due else None)]
    if not found or not all(today.is_past(mention.last) for mention in found):
        return None
    is_order = label is not None or repeats_order(remark, task)
    if not is_order and (tells_of_past(task) or any(is_of_subject(task, mention.end) for mention in due)):
        return None  # "files made before May are archived"
    if not (due or label) or len(due) > 1 or any(mention.precision not in _EXACT for mention in due):
        return None
    return max(mention.last for mention in found), _doubt(task, due, labelled=label is not None)


_EXACT = (Precision.DAY, Precision.YEARLESS)


def _apart(sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the ways to divide an entry into a task and a remark about it, the longest remark first."""
    if len(sentences) == 2:
        yield sentences[0], sentences[1]
    if len(sentences) != 1:
        return
    (sentence,) = sentences
    for joint in _JOINT.finditer(sentence):
        if remark := sentence[joint.end() :].strip():
            yield sentence[: joint.start()], remark
    if ending := _REMARK.search(sentence):
        yield sentence[: ending.start()], ending[1] or ending[2]
    if opening := _OPENING_REMARK.match(sentence):
        yield sentence[opening.end() :], opening[1]


def is_due(task: str, mention: DayMention) -> bool:
    """Whether a day is one by which something is to be done: "by 1 May", "之前"."""
    before = _DUE_BEFORE.search(task[: mention.start])
    return before is not None or _DUE_AFTER.match(task, mention.end) is not None


def _doubt(task: str, due: Sequence[DayMention], *, labelled: bool) -> str:
    said = _without_label(task) if labelled else _without_opening_day(task, due)
    if (
        len(task) > LONGEST_TASK
        or explains_result(said)
        or recurs(said)
        or tells_later(said)
        or _GOAL_IS_A_VALUE.search(without_days(said))
        or _UNFINISHED.search(said)
    ):
        return SAYS_MORE
    return ""


def _without_label(task: str) -> str:
    """Return a task without "To do by 1 May:", whose colon introduces what was to do."""
    label = _LABEL.match(task)
    return (
        _without_opening_day(task[label.end() :], mentions(task[label.end() :], reference=_ANY_DAY))
        if label
        else task
    )


_ANY_DAY = date(2000, 1, 1)
_OPENING = 24  # characters: "not later than Monday, "
_COLON = re.compile(r"\s*(?:[:：,，]|之前|以前|前|までに)\s*")


def _without_opening_day(task: str, days: Sequence[DayMention]) -> str:
    """Return a task without the day with which it opens: "Bis 15. September: die Gliederung schicken"."""
    for mention in days:
        opens = mention.start <= _OPENING and (mention.start == 0 or is_due(task, mention))
        colon = _COLON.match(task, mention.end)
        if opens and colon and task[: mention.start].count(" ") <= 3:
            return task[colon.end() :]
        break
    return task


def deadline(sentence: str, today: Today) -> date | None:
    """Return the day by which a sentence says that something had to be done, if it is past and nothing more is said."""
    word = _LABEL_WORD.match(sentence)
    if len(sentence) > LONGEST_TASK or _UNFINISHED.search(sentence):
        return None
    found = today.mentions(sentence)
    colon = _LABEL_COLON.match(sentence, word.end()) if word else None
    labelled = word is not None and (
        colon is not None or any(_is_labelled(sentence, word.end(), mention) for mention in found)
    )
    if not labelled and not _OBLIGATION.search(sentence):
        return None
    due = [
        mention
        for mention in found
        if mention.precision is Precision.DAY
        and (
            is_due(sentence, mention)
            or (word and _is_labelled(sentence, word.end(), mention))
            or _is_asked_for(sentence, mention, colon.end() if colon else None)
        )
    ]
    if (
        due
        and not labelled
        and is_of_subject(sentence, due[0].end)
        and not _OBLIGATION.search(sentence[: due[0].start])
    ):
        return None
    if not due or recurs(sentence) or not all(today.is_past(mention.last) for mention in found):
        return None
    return max(mention.last for mention in due)


_LABEL_COLON = lazy(
    r"(?:\s*[(（]\s*@?[^\W\d][^\d()（）:：]{0,30}[)）]"
    r"|\s*[,–—-]?\s*(?:(?:von|für|de|da|do|di|d['’]|for|для)\s+)?(?!(?:list|queue|app|board|manager|lis[tm]e|lista)\W)"
    r"(?:@\w|(?-i:[^\W\d_a-zß-öø-ÿа-яё]))[\w.’'-]*(?:(?:\s|,\s|\s&\s|/)(?-i:[^\W\d_a-zß-öø-ÿа-яё])[\w.’'-]*){0,3}"
    r")?\s*[:：]",
    re.IGNORECASE,
)
"""The colon after a label, perhaps with whose task it is: "TODO Kofi:", "To do (Ada and Ruth):"."""
_ON = lazy(
    r"(?<!\w)(?:on|am|le|el|em|no dia|il|в)\s+(?:\w+day,? |\w+tag,? (?:dem )?)?$|[,，]\s*$|于$|在$",
    re.IGNORECASE,
)


_MADE_ON = re.compile(
    r"(?:writt|tak|giv|se|brok|chos|forgott|driv)en on\s+$|(?:shown|known|done|drawn|grown) on\s+$"
)
"""The day belongs to what something was made then: "read the log written on 4 June"."""


def _is_asked_for(sentence: str, mention: DayMention, label_end: int | None) -> bool:
    """Whether something is to be done on a day: "To do: see the notary on 4 June", "has to be sent on 4 June"."""
    if not _ON.search(sentence[: mention.start]) or is_of_subject(sentence, mention.end):
        return False
    start = label_end
    if start is None:
        obligation = _OBLIGATION.search(sentence[: mention.start])
        start = obligation.end() if obligation else None
    if start is None or _MADE_ON.search(sentence[: mention.start]):
        return False
    return not tells_of_past(sentence[start:]) and not explains_result(sentence[start:])


_LABEL_ON = lazy(
    r"\W*(?:(?:on|by|before|due|am|bis(?: zum)?|le|el|em|no dia|il|for(?: the)?|für den|pour le|avant le|para el|"
    r"antes de|"
    r"para o dia|até|per il|entro il|на|до)\s+)?\W*",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(r"\s*[)）\]]?\s*[:：]")


def _is_labelled(sentence: str, end: int, mention: DayMention) -> bool:
    """Whether a day belongs to the words up to `end` that call a sentence a task: "To do on 1 May: …"."""
    return (
        mention.start >= end
        and _LABEL_ON.fullmatch(sentence, end, mention.start) is not None
        and _AFTER_LABEL.match(sentence, mention.end) is not None
    )
