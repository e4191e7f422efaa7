"""Detects what a sentence says besides that something ends on a day or is done: such a remark outlasts the day."""

from __future__ import annotations

import re

from kairos.core.dates.days import mentions
from kairos.core.text.patterns import lazy

SAYS_MORE = "it says more than that"
"""Why something is not certainly stale: it has ended or is done, but that is not all that it says."""
_MEANWHILE_DO = (
    r"use|take|ask|call|send|go|please|do not|don['’]t|no|so|write to|avoid|"
    r"bitte|nicht|kein|keine|keinen|merci de|ne (?:pas|rien|plus)|prière de|pas de|no (?:\w+[aei]r\w{0,4})|"
    r"por favor|não|"
    r"non|пожалуйста|не|nothing but|nichts außer|rien que|nada más que|nada além de|ничего кроме"
)
"""How a clause begins that tells what to do or not to do meanwhile."""
MEANWHILE = (
    r"(?<!\w)(?:meanwhile|in the meantime|(?:in|during|for) (?:that time|(?:these|those)(?: \w+)? (?:days|weeks))|"
    r"until then|that (?:day|"
    r"week|month)|"
    r"those (?:days|weeks)|so lange|solange|währenddessen|derweil|in der zeit|in dieser zeit|bis dahin|"
    r"pendant ce temps|d['’]ici là|entre-temps|en attendant|cette semaine-là|mientras tanto|entretanto|"
    r"hasta entonces|"
    r"esa semana|enquanto isso|nessa semana|até lá|nel frattempo|в это время|тем временем|до тех пор)(?!\w)"
    r"|在此期间|期间|那周|その間|それまで"
)
"""Says of a clause that it holds only for as long."""
_THAT = r"(?<!\w)(?:that(?! (?:day|week|month|time))|dass|que|что)(?!\w)"
_FURTHER_CLAUSE = lazy(
    rf"[\s*_)\]]*(?:[,;:—–]|\s-\s)\s*(?!(?:{_MEANWHILE_DO})\b(?![^.;]*{_THAT}))(?![^.;]*{MEANWHILE})"
    r"(?![\d:.]+(?:\s?(?:h|uhr|[ap]m))?\W*$)(?!_)\w+\W+\w+|\s*\((?:[^()\s]+\s+){2,}[^()]*\)|\s*[，；。：、]\s*\S{3,}",
    re.IGNORECASE,
)
"""A further clause, or a remark of several words: "…, code 4712 after it". What to do meanwhile does not count."""
_PREPOSITION = (
    "to|from|in|at|on|for|with|by|zu|zum|zur|von|vom|im|an|am|auf|für|mit|à|au|en|dans|pour|a|para|con|em|com|"
    "в|на|для"
)
_FURTHER_STATEMENT = lazy(
    rf"(?<!\w)(?:and|but|und|aber|et|mais|y|pero|e|mas|и|а|но)\s+(?!(?:{_PREPOSITION})\s+\S+\W*$)[^\W_]+\s+\w",
    re.IGNORECASE,
)
"""A further statement: "… and the owner is Kofi"."""
_CAUSE = lazy(
    r"(?<!\w)(?:because(?! of(?: [^\W\d][\w'’-]*){1,4}(?:[,.;]|\s*$))|weil|denn|parce que|puisque|porque|perché|"
    r"poiché|потому что|так как)(?!\w)|因为|由于|ので",
    re.IGNORECASE,
)
"""Introduces why something holds until the day; the reason may outlast it."""
_SINCE = lazy(
    r"(?<!\w)(?:since|as (?:the|he|she|it|they|we)|due to|da|denn|car|comme|puisque|ya que|porque|pues|pois|perché)"
    r"(?!\w)|因|なので",
    re.IGNORECASE,
)
_PASSING = (
    r"(?:(?:is|are)(?: (?:now|still|currently))? (?:being \w+|(?:re)?building|renovating|repairing|refurbishing|"
    r"repainting|"
    r"under (?:repair|construction|renovation|maintenance)|away|abroad|on (?:\w+ )?leave|on (?:vacation|holiday)|"
    r"ill|sick)"
    r"|(?:saniert|renoviert|repariert|umgebaut|gestrichen|abgeschliffen|geschliffen|gewartet) (?:wird|werden)"
    r"|(?:verreist|krank|in urlaub|im urlaub|in elternzeit) (?:ist|sind)"
    r"|(?:est|sont) (?:en travaux|en réparation|en rénovation|en congés?|en vacances|malades?|absente?s?|"
    r"en cours de \w+)|on (?:refait|répare|repeint|rénove|ponce)"
    r"|est[áa]n? (?:siendo \w+|en obras|en reparación|de baja|de vacaciones|de permiso|de viaje|"
    r"lijando|pintando|reparando|reformando|renovando)"
    r"|(?:está|estão) (?:sendo \w+|a ser \w+|em obras|em reparação|em reforma|de férias|de licença)"
    r"|(?:è|sono) (?:in corso|in ristrutturazione|in riparazione|in ferie|in malattia)|"
    r"si (?:sta|stanno) \w+ndo"
    r"|ремонтиру\w+|в ремонте|ид[её]т ремонт|в отпуске|на больничном)"
)
"""What passes by itself: works and absences. What is closed may be closed for good."""
_WORDS = r"[^\s,;:.()\d—–]+\s+"
_REST = r"(?:\s+(?!(?:by|von|durch|par|por|da)\s)[^\s,;:.()\d—–]+){0,3}\W*$"
_WORKS = (
    r"(?:is|are) (?:(?:now|still|currently) )?(?:being (?:mended|fixed|repaired|renewed|replaced|relaid|rebuilt|redone|"
    r"repainted|painted|plastered|tiled|sanded|serviced|cleaned|renovated|refurbished|overhauled|resurfaced)|"
    r"under (?:repair|construction|renovation|maintenance))"
)
"""Works, in words that say of themselves that they end."""
_PASSING_REASON = lazy(
    r",?\s+(?:because|as|since|while|weil|da|während|solange|parce qu['’e]|puisqu['’e]|pendant qu['’e]|car|porque|"
    r"ya que|"
    r"mientras|pois|enquanto|perché|poiché|mentre|потому что|пока|так как)\s*"
    rf"(?:{_WORDS}){{0,6}}{_PASSING}{_REST}"
    rf"|[,;]\s+(?:its|the|their|our|his|her|this|that)\s+(?:{_WORDS}){{1,4}}{_WORKS}{_REST}",
    re.IGNORECASE,
)
"""A reason at the end of a sentence that is over when what it explains is: "because the floor is being sanded", and of
works also without "because": "…, its leg is being mended"."""
_PASSING_CAUSE = lazy(
    r"^\W*(?:because of|due to|owing to|wegen|aufgrund|à cause d(?:e la|es|u|e l['’])|en raison d(?:e la|es|"
    r"u|e l['’])|"
    r"por|debido a|devido a|por causa d[aoe]s?|a causa d\w+|из-за)\s*(?:[^\W\d]+\s+){0,3}?"
    r"(?:repairs?|roof works|roadworks|building works?|renovation|refurbishment|maintenance|strike|illness|"
    r"flooding|"
    r"reparatur\w*|renovierung|sanierung|umbaus?|bauarbeiten|wartung|streiks?|krankheit|travaux|réparations?|"
    r"rénovation|"
    r"grève|obras|reparación|reforma|huelga|enfermedad|reparação|greve|doença|lavori|riparazione|ristrutturazione|"
    r"sciopero|malattia|ремонта|забастовки|болезни)(?=[\s,])",
    re.IGNORECASE,
)
_LIST = lazy(r"(?:[^\s,]+, )+[^\s,]+,? (?:and|or|und|oder|et|ou|y|o|e|и|или) (?=\S)", re.IGNORECASE)
"""The items of a list up to its last conjunction: its commas separate no clauses."""
_EARLIER_CLAUSE = lazy(r"\w\W+\w[^,;—–]*(?:[,;—–]|\s-\s)\s*\w|\([^()\s]+\s[^()]*\)|（[^（）]{2,}）")
"""A clause or a remark before the day: "Ruth, head of QA, is on leave until …"."""
_EARLIER_STATEMENT = lazy(
    r"(?<!\w)(?:(?:and|but|und|aber|et|mais|y|pero|e|mas|и|но)\s+(?:is|are|stays?|remains?|keeps?|has|have|"
    r"ist|sind|"
    r"bleib\w*|hat|haben|est|sont|reste\w*|es|está\w*|permanece\w*|fica\w*)|which|who|whose|where)(?!\w)",
    re.IGNORECASE,
)
"""A second predicate before the day: "has a broken fan and stays off until …"."""
_REMARK_IN_BRACKETS = lazy(r"\s*\(\s*[^\W\d_]")
"""A remark in brackets after the day of a task."""
_NUMBER = lazy(r"\d")
_TIME_OF_DAY = lazy(
    r"\W*(?:at |um |à |a las |às |alle )?\d{1,2}(?:[:.h]\d\d)?(?:\s?(?:h|uhr|[ap]m))?(?!\w)", re.IGNORECASE
)
_LATER = lazy(
    r"(?<!\w)(?:that|afterwards?|thereafter|dass|danach|que|ensuite|después|depois|что|потом)(?!\w)",
    re.IGNORECASE,
)
"""Introduces what a task is about, or what comes after it."""
_TIMES = (
    r"minute|hour|day|night|morning|evening|afternoon|week|weekend|fortnight|month|quarter|year|time|season|"
    r"spring|summer|"
    r"autumn|fall|winter|christmas|easter|january|february|march|april|may|june|july|august|september|october|"
    r"november|"
    r"december|\w+day|minuten?|stunden?|tage?|nacht|nächte|morgen|abende?|wochen?|monate?|quartale?|jahre?|mal|"
    r"\w+tage?|"
    r"mittwoch|heure|jour|nuit|matin|soir|semaine|mois|trimestre|an|année|fois|lundi|mardi|mercredi|jeudi|"
    r"vendredi|samedi|"
    r"dimanche|hora|día|dia|noche|mañana|tarde|semana|mes|año|vez|lunes|martes|miércoles|jueves|viernes|sábado|"
    r"domingo|"
    r"noite|manhã|mês|meses|ano|segunda|terça|quarta|quinta|sexta|ora|giorno|notte|sera|settimana|mese|anno|volta|"
    r"час|день|дня|ночь|утро|вечер|неделю|месяц|квартал|год|раз|понедельник|вторник|среду|четверг|пятницу|субботу|"
    r"воскресенье"
)
"""Times that recur: "every page" is no recurrence."""
_RECURS = lazy(
    r"(?<!\w)(?:nightly|hourly|daily|weekly|monthly|yearly|annually|täglich|wöchentlich|jährlich|"
    rf"(?:every|each|jede[nmrs]?|chaque|tous les|toutes les|cada|todos los|todas las|todos os|todas as|ogni|"
    rf"кажд\w+)"
    rf"\s+(?:\S{{1,12}}\s+)?(?:{_TIMES})\w{{0,2}}|(?:every|each)(?=\W*$))(?!\w)"
    r"|每[天日周月年]|毎[日週月年]",
    re.IGNORECASE,
)
"""What recurs may hold until that day of every year, or on each of the days until then."""
_REPORTED = lazy(
    r"(?<!\w)(?:says?|said|thinks?|thought|believes?|claims?|guess(?:es)?|according to|allegedly|supposedly|"
    r"laut|sagte?|meint|angeblich|selon|dit que|según|dice que|segundo|diz que|говорит|думает|по словам)(?!\w)",
    re.IGNORECASE,
)
"""What somebody said or thought: the report stays true after the day."""
_BEGINS_ON_DAY = lazy(
    r"(?<!\w)(?:(?:is|are|will|does|do|shall) not|(?:is|are|wo|does)n['’]t)(?: \w+){1,5} (?:until|till)(?!\w)",
    re.IGNORECASE,
)
"""What does not hold until a day begins on that day: "the office is not closed until March"."""
_COMMAND = lazy(r"(?:^|[,;:.]\s*|\band\s+)do not(?!\w)", re.IGNORECASE)
_LEFT_OPEN = lazy(
    r"(?<!\w)(?:but|however|still|yet|though|except|only|must|needs?|ha(?:s|ve) to|reject\w*|fail\w*|refus\w*|"
    r"declin\w*|aber|jedoch|muss|abgelehnt|mais|doit|refusé\w*|pero|debe|rechazad\w*|mas|deve|recusad\w*|но|"
    r"надо)(?!\w)"
    r"|但|还|只",
    re.IGNORECASE,
)
"""Tells that something is left to do, or that it was in vain."""


_EDGES = " \t*_([-–—"
_COMMA = re.compile(r"\s*[,，、]\s*")
_PREDICATE = re.compile(
    r"(?:\s+(?:at|um|à|a las|às)?\s*\d[\d:.h]*(?![\w,;:]))?\s+(?:is|are|was|were|has|have|had|stays?|remains?|"
    r"keeps?|gets?|needs?|must|can|may|should|will|goes|go|uses?|"
    r"ist|sind|bleiben|bleibt|haben|hat|muss|müssen|est|sont|restent?|ont|doivent|es|son|est[áa]n?|siguen?|são|"
    r"ficam?|"
    r"sono|resta(?:no)?)(?!\w)",
    re.IGNORECASE,
)
"""A predicate right after the day, which then belongs to the subject: "accounts made until May are on the old plan"."""


def is_of_subject(sentence: str, end: int) -> bool:
    """Whether a predicate follows the day that ends at `end`, which then tells which ones are meant."""
    return _PREDICATE.match(sentence, end) is not None


def doubt_about_end(sentence: str, start: int, end: int) -> str:
    """Return why a sentence may outlast the day until which something holds; "" if nothing in it does.

    The words for the end ("valid until 1 May") span `start` to `end`.
    """
    if (reason := _passing_reason(sentence, end)) is not None:
        sentence = sentence[: reason.start()]
    before = _LIST.sub(" ", sentence[:start])
    if cause := _PASSING_CAUSE.match(before):
        before = before[cause.end() :]
    if not before.strip(_EDGES) and (comma := _COMMA.match(sentence, end)):
        end = comma.end()  # what follows is what holds until then
    at_head = not before.strip(_EDGES)
    further = _FURTHER_CLAUSE.match if at_head else _FURTHER_CLAUSE.search
    says_more = (
        further(_LIST.sub(" ", sentence[end:]))
        or _FURTHER_STATEMENT.search(sentence, end)
        or _EARLIER_CLAUSE.search(before)
        or _EARLIER_STATEMENT.search(before)
    )
    if says_more:
        return SAYS_MORE
    if (found := _CAUSE.search(sentence)) and not cause:
        return f"the reason for it may still hold ({found[0]})"
    if found := _RECURS.search(sentence):
        return f"what recurs may come again ({found[0]})"
    if found := _REPORTED.search(sentence):
        return f"what somebody said stays said ({found[0]})"
    if _BEGINS_ON_DAY.search(_COMMAND.sub("", sentence)):
        return "something may have begun on that day"
    return ""


def _passing_reason(sentence: str, end: int) -> re.Match[str] | None:
    """Return the reason at the end of a sentence, after its day, if it passes as well."""
    found = _PASSING_REASON.search(sentence, end)
    return None if found is None or _RECURS.search(found[0]) else found


def reason_to_wait(doubt: str) -> str:
    """Return in words for a person why something that is perhaps stale waits for them; "" if there is no doubt."""
    return f"not certain: {doubt}" if doubt else ""


def recurs(text: str) -> bool:
    """Whether a text is about what happens again and again: "every month"."""
    return _RECURS.search(text) is not None


def tells_later(text: str) -> bool:
    """Whether a text tells what somebody is to be told, or what comes afterwards: "tell Ada that the code is 51"."""
    return _LATER.search(text) is not None


def tells_cause(text: str) -> bool:
    """Whether a text gives a cause, which may last: "take the A7, since the B5 floods in May"."""
    return _CAUSE.search(text) is not None or _SINCE.search(text) is not None


def has_further_clause(text: str) -> bool:
    """Whether a text goes on after its first clause, be it in brackets. The items of a list are no clauses."""
    return _FURTHER_CLAUSE.search(_LIST.sub(" ", text)) is not None


def has_outcome(task: str) -> bool:
    """Whether a task recurs, or has its subject or outcome after its day: "ask Kofi by Friday (he is for it)".

    A number after the day is part of what was agreed or found: "agree with Kofi by Friday on 40 € an hour".
    """
    if _RECURS.search(task) or _LATER.search(task):
        return True
    end = max((mention.end for mention in mentions(task, reference=None)), default=len(task))
    time = _TIME_OF_DAY.match(task, end)
    if _NUMBER.search(task, time.end() if time else end):
        return True
    return (_REMARK_IN_BRACKETS.match(task, end) or _FURTHER_CLAUSE.match(task, end)) is not None


def adds(rest: str) -> bool:
    """Whether the text after "done" tells more than where and when: a number, a failure, what is left to do."""
    for mention in reversed(mentions(rest, reference=None)):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    return any(map(str.isdigit, rest)) or is_left_open(rest)


def is_left_open(remark: str) -> bool:
    """Whether a remark on what is done says that it was in vain, or what is left to do: "sent, but they refused"."""
    return _LEFT_OPEN.search(remark) is not None
