"""Finds what was planned for a day that is over: meetings, visits, trips.

Only a plan goes: what happened on a day, or was decided there, is history and stays. So does what began that day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import chain

from kairos.core.dates.days import DayMention, Precision, mentions
from kairos.core.dates.today import Today
from kairos.core.staleness.beyond import SAYS_MORE, is_of_subject
from kairos.core.staleness.bound import (
    clauses,
    is_bound,
    is_preparation,
    names_hours,
    names_seat,
    names_time,
    shows_plan,
    tells_of_past,
)
from kairos.core.staleness.periods import Period, period
from kairos.core.staleness.tasks import is_due
from kairos.core.text.patterns import lazy

_LONGEST = 220  # characters of an occasion
_NOUN = lazy(
    r"(?<!\w)(?:meetings?|appointment|workshop|hackathon|(?:hack|open|moving|sports|photo|field|away|"
    r"bring-\w+) day|tasting|(?:tabletop|emergency|fire|evacuation) (?:exercise|drill)|kick-?off|retreat|talk|"
    r"lecture|demo|presentation|visit|conference|"
    r"congress|festival|concert|"
    r"rehearsal|exam(?:ination)?|fair|party|trip|journey|excursion|tour|(?:open|sports|training|family|"
    r"farm) (?:\w+ )?day|"
    r"(?:parent\S* )?evening|audit|inspection|interview|webinar|seminar|training|course|dinner|lunch|ceremony|"
    r"wedding|match|"
    r"tournament|exhibition|offsite|flight|dentist|vaccination|photo shoot|maintenance(?: window)?|stocktaking|"
    r"agm|summit|hearing|viewing|"
    r"\w*(?:termin|treffen|sitzung|besprechung|vortrag|besuch|tagung|konferenz|kongress|konzert|probe|prüfung|"
    r"klausur|messe|feier|"
    r"reise|aufenthalt|ausflug|führung|schulung|kurs|fortbildung|hochzeit|turnier|ausstellung|fest|lesung|flug|"
    r"impfung|zahnarzt|wartung|wartungsfenster|inventur|elternabend|begehung|abnahme)|"
    r"réunion|rendez-vous|atelier|exposé|conférence|visite|congrès|concert|répétition|examen|salon|fête|voyage|"
    r"sortie|"
    r"soutenance|formation|stage|mariage|tournoi|exposition|vernissage|audition|vol|dentiste|vaccin|inventaire|"
    r"maintenance|"
    r"reunión|cita|taller|charla|ponencia|visita|conferencia|congreso|concierto|ensayo|examen|feria|fiesta|viaje|"
    r"excursión|"
    r"formación|boda|torneo|exposición|jornadas?|vuelo|dentista|vacuna|inventario|mantenimiento|voo|vacina|"
    r"manutenção|reunião|consulta|oficina|palestra|conferência|congresso|concerto|ensaio|"
    r"exame|feira|festa|viagem|passeio|formação|casamento|torneio|exposição|riunione|appuntamento|laboratorio|"
    r"convegno|"
    r"prova|esame|fiera|viaggio|gita|corso|matrimonio|mostra|"
    r"встреча|совещание|семинар|доклад|лекция|визит|конференция|концерт|репетиция|экзамен|ярмарка|праздник|поездка|"
    r"экскурсия|курс|свадьба|турнир|выставка)(?!\w)"
    r"|[评审例讨论年]会|会议|研讨会|讲座|演讲|参观|考试|出差|旅行|婚礼|展会|音乐会|家长会|面试|会議|打ち合わせ|講演|見学|試験|"
    r"出張|発表会|面接",
    re.IGNORECASE,
)
_IS = lazy(r"(?<!\w)(?:is|are|will be|ist|sind|est|sera|es|será|é|sarà|состоится|будет)\s*$", re.IGNORECASE)
"""Right before "on" and the day, these say when an occasion is."""
_HAPPENS = lazy(
    r"(?<!\w)(?:takes? place|comes?|visits?|speaks?|presents?|talks?|plays?|performs?|flies|travels?|arrives?|"
    r"will (?:come|visit|speak|present|take place)|findet|kommt|kommen|besucht|spricht|fährt|fliegt|"
    r"a lieu|aura lieu|vient|viennent|visite|parle|présente|tiene lugar|viene|vienen|visita|habla|presenta|"
    r"acontece|vem|vêm|fala|apresenta|si tiene|parla|приедет|приезжает|выступает)(?!\w)",
    re.IGNORECASE,
)
"""A predicate of an occasion. Words for beginnings ("starts", "joins", "moves") are left out: what begins may go on."""
_LASTS = lazy(
    r"(?<!\w)(?:birthday(?! part)|name day|anniversary|due|deadline|release[sd]?|version|deploy\w*|launch\w*|backup|"
    r"snapshot|incident|outage|"
    r"migration|build|commit|starts?|begins?|joins?|moves?|becomes?|effective|valid|expires?|born|"
    r"geburtstag|namenstag|jahrestag|frist|beginnt|startet|gilt|läuft ab|(?<!fête d['’])anniversaire|"
    r"échéance|commence|débute|expire|"
    r"(?<!fiesta de )cumpleaños|aniversario|(?<!festa de )aniversário|"
    r"empieza|comienza|começa|vence|caduca|(?<!festa di )compleanno|inizia|scade|"
    r"день рождения|начина\w+|истека\w+|срок|(?:meeting )?notes|protocol|protokoll|notizen|compte rendu|notes|"
    r"acta|ata|verbale|"
    r"протокол|decided|decision|beschluss|décision|decisión|decisão|решение|data|dataset|rows|logs?|sample|"
    r"backtest|daten|données|datos|dados|dati|данные|result\w*|ergebnis\w*|résultat\w*|resultado\w*)(?!\w)"
    r"|生日|截止|开始|发布|上线|纪要|决定|结果|誕生日|開始|締切|議事録|決定|結果",
    re.IGNORECASE,
)
"""What recurs, begins, ends or records something."""
_BIRTHDAY = lazy(
    r"birthday|geburtstag|anniversaire|cumpleaños|aniversário|compleanno|рожден|生日|誕生日", re.IGNORECASE
)
_WEEKDAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    r"(?:segunda|terça|quarta|quinta|sexta)-feira|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|"
    r"(?:понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье)"
)
_ON = lazy(
    rf"(?:(?<!\w)(?:on|am|le|el|em|a|no dia|il|den|в)(?:\s+the)?(?:\s+(?:{_WEEKDAY}),?(?: dem| den| le| el)?)?|"
    rf"(?<!\w)(?:{_WEEKDAY}),?|[,:：]|は|在|定于|将于|于|(?<=[а-яё])\s)\s*$",
    re.IGNORECASE,
)
"""What stands before the day of an occasion; "by" and "before" make it a deadline."""
_LEAD = re.compile(r"[:：]\s*$")
_LONGEST_HEAD = 90  # characters
_ABOUT_IT = lazy(
    r"^\W*(?:see|read|watch|after|since|before|during|at|in|from|as of|until|for)(?!\w)|(?<!\w)(?:of|from|about|"
    r"after|since|during)(?!\w)"
    r"|^\W*(?:siehe|nach|seit|vor|bei|während|auf|aus|im|in|voir|après|depuis|avant|lors|pendant|à|ver|tras|"
    r"desde|antes|en|"
    r"durante|após|depois|no|na|dopo|da|см|после|с|до|во время|на|в)(?!\w)"
    r"|(?<=\w\s)(?:vom|von|der|des|zum|zur|über|nach|seit|du|de|des|après|depuis|del|sobre|tras|desde|do|da|dos|"
    r"após|dopo|"
    r"после|о|об|с)\s+(?:\S+\s+)?$",
    re.IGNORECASE,
)
"""Before the word for an occasion, these tell that something else is spoken of: "minutes of the meeting"."""
_STATES = lazy(
    r"(?<!\w)(?:is|are|has|have|must|should|may|can|could|will(?! (?:come|visit|speak|present|take place))|does|"
    r"do|needs?|uses?|"
    r"returns?|fails?|works?|means|shows?|ist|sind|hat|haben|muss|müssen|soll\w*|darf|kann|wird|werden|läuft|"
    r"braucht|zeigt|"
    r"est|sont|ont|doi(?:t|vent)|peut|peuvent|faut|montre|es|son|está\w*|tiene\w* (?!lugar)|deben?|puede\w*|hay|"
    r"muestra|"
    r"é|são|tem|têm|deve\w*|pode\w*|há|sono|hanno|può|deve|должн\w+|может|могут|нужно|надо)(?!\w)",
    re.IGNORECASE,
)
"""Makes a statement of words that would otherwise name an occasion."""


def occasion(sentences: Sequence[str], today: Today) -> tuple[date, str] | None:
    """Return the last day of an occasion and why it may be needed ("" for no reason); None if there is no such plan.

    `sentences` are all that a text says.
    """
    first = sentences[0]
    if len(first) > _LONGEST or _LEAD.search(sentences[-1]):
        return None
    others = list(chain.from_iterable(map(clauses, sentences[1:])))
    when = _needed(first, today) or _when(first, mentions(first, reference=None), others)
    if when is None:
        return None
    start, end, last, doubt = when
    told = [
        _POSSESSES.sub(" ", text)
        for text in (_without_attributes(first[:start]), first[start:], *sentences[1:])
    ]
    if any(map(tells_of_past, told)) or is_of_subject(first, end) or _tells_result(first[end:]):
        return None
    days = chain.from_iterable(mentions(text, reference=last) for text in sentences)
    if _LASTS.search(first[:start]) or not all(today.is_past(mention.last) for mention in days):
        return None
    ahead, beside = clauses(first[:start]), [*clauses(first[end:]), *others]
    planned = (
        doubt
        or _HAPPENS.search(first[:start])
        or _IS.search(first[:start])
        or any(map(shows_plan, beside))
        or any(is_due(clause, mention) for clause in beside for mention in mentions(clause, reference=last))
    )
    if planned:
        doubt = "it tells a birthday" if _BIRTHDAY.search(first[:start]) else doubt
        return last, doubt or ("" if len(ahead) == 1 and all(map(is_bound, beside)) else SAYS_MORE)
    is_stay = period(first, mentions(first, reference=last)) or any(map(names_seat, beside))
    return (last, "it may tell what happened") if is_stay else None  # perhaps a record of a journey


_POSSESSES = re.compile(
    r"(?<!\w)has (?:the|an?|our|his|her|its|no|all) (?:[\w’'-]+ )?[\w’'-]+(?=\W*$|[,;.])", re.IGNORECASE
)
"""Has something, rather than having done something."""


def _without_attributes(head: str) -> str:
    """Return what stands before the day without participles that belong to nouns, if it has another predicate."""
    return _ATTRIBUTE.sub("", head) if _IS.search(head) or _HAPPENS.search(head) else head


def _tells_result(tail: str) -> bool:
    """Whether a colon comes after the day, and then something that is no preparation: "exam on 12 May: grade 1.3"."""
    when, colon, said = tail.partition(": ")
    told = clauses(said)
    shown = any(is_preparation(clause) or names_seat(clause) for clause in told)
    shown = shown or names_hours(when)  # what follows is the programme
    return bool(colon) and all(map(is_bound, clauses(when))) and not shown and not all(map(is_bound, told))


_When = tuple[int, int, date, str]
"""Where a sentence names the day of an occasion, the last day of it, and why it may be none ("" for no reason)."""
_NO_OCCASION = "it may be no occasion"


def _when(sentence: str, found: Sequence[DayMention], others: Sequence[str]) -> _When | None:
    """Return when an occasion is; None if a sentence names none. `others` are the clauses of the other sentences."""
    days = [mention for mention in found if mention.precision is Precision.DAY]
    if not days:
        return None
    if (span := period(sentence, mentions(sentence, reference=days[0].first))) is not None:
        return _when_lasting(sentence, span)
    day = days[0]
    on = _ON.search(sentence[: day.start])
    start = on.start() if on else day.start
    head = sentence[:start]
    if on is None and not (_IS.search(head) or _AT_ITS_END.search(head)):
        return None
    if _names_occasion(head):
        return start, day.end, day.last, ""
    beside = [*clauses(sentence[day.end :]), *others]
    if (
        on is not None
        and not head.strip()
        and _WILL.match(sentence, day.end)
        and any(map(shows_plan, beside))
    ):
        return start, day.end, day.last, _NO_OCCASION
    goes_on = [clause for clause in beside[:1] if _goes_on(sentence, day.end, clause)]
    is_plan = _is_scheduled(head, beside) or (_is_bare(head) and _shows_itself(beside))
    is_plan = is_plan and on is not None and all(map(is_bound, goes_on))
    return (start, day.end, day.last, _NO_OCCASION) if is_plan else None


def _when_lasting(sentence: str, span: Period) -> _When | None:
    """Return the days of an occasion that lasts for a period; None if it is no occasion."""
    head = sentence[: span.start]
    if _names_occasion(head):
        return span.start, span.end, span.last.last, ""
    has_seat = _is_bare(head) and any(map(names_seat, clauses(sentence[span.end :])))
    return (span.start, span.end, span.last.last, _NO_OCCASION) if has_seat else None


_WILL = lazy(
    r"\s*,?\s*(?:[^\W\d][\w’'-]*\s+){1,4}?(?:will|(?:is|are) going to|wird|werden|va|vont|van a|vai|vão|будет|будут)\s",
    re.IGNORECASE,
)
"""Somebody is going to do something on the day that a sentence opens with."""


def _shows_itself(beside: Sequence[str]) -> bool:
    """Whether the clauses beside a day name both a time and what to do, which hardly anything but a plan does."""
    return any(map(names_time, beside)) and any(
        shows_plan(clause) and not names_time(clause) for clause in beside
    )


def _is_bare(head: str) -> bool:
    """Whether the words before a day do but name something."""
    return 0 < len(head.split()) <= _LONGEST_NAME and not any(
        pattern.search(head) for pattern in (_STATES, _ABOUT_IT, _OF_RECORD)
    )


def _goes_on(sentence: str, end: int, clause: str) -> bool:
    """Whether a clause goes on right where the day ends, with no comma between them."""
    return sentence[end:].lstrip().startswith(clause)


def _is_scheduled(head: str, beside: Sequence[str]) -> bool:
    """Whether the words before "on" and a day say of something that it "is" then, whatever it may be.

    "The sale of the tickets" is something if the clauses `beside` it show a plan; "minutes of the meeting" are not.
    """
    is_on = _IS.search(head)
    if is_on is None or len(head) > _LONGEST_HEAD:
        return False
    said = head[: is_on.start()]
    if any(map(shows_plan, beside)) and (attribute := _OF_SOMETHING.search(said)):
        return len(said.split()) <= _LONGEST_HEAD_WORDS and _is_bare(said[: attribute.start()])
    return _is_bare(said)


_LONGEST_HEAD_WORDS = 8
_OF_SOMETHING = re.compile(r"(?<=\w)\s(?:of|for|from)\s")


def _needed(sentence: str, today: Today) -> _When | None:
    """Return when the occasion is for which a sentence says what is needed: "For the fair on 2 May we need …"."""
    opening = _FOR.match(sentence)
    if opening is None:
        return None
    found = [mention for mention in today.mentions(sentence) if mention.precision in _EXACT]
    if not found:
        return None
    span = period(sentence, mentions(sentence, reference=found[0].first))
    last = span.last if span else found[0]
    start = span.start if span else found[0].start
    on = _ON.search(sentence[:start]) or _OF_DAY.search(sentence[:start])
    head = sentence[opening.end() : on.start() if on else start]
    if not (on or span) or not _names_occasion(head) or not _NEEDS.search(sentence[last.end :]):
        return None
    return start, last.end, last.last, SAYS_MORE


_EXACT = (Precision.DAY, Precision.YEARLESS)
_LONGEST_NAME = 6  # words
_FOR = lazy(r"\W*(?:for|für|zum|zur|pour|para|per|для)\s+", re.IGNORECASE)
_OF_DAY = lazy(r"(?<!\w)(?:du|del|de|do|da|dell['’]|vom)\s*$", re.IGNORECASE)
_NEEDS = lazy(
    r"(?<!\w)(?:needs?|need|wants?|order|bring|take|prepare|print|pack|braucht|brauchen|bestellen|mitbringen|"
    r"il faut|faut|"
    r"prévoir|apporter|hay que|necesita\w*|hacen? falta|llevar|precisa\w*|levar|serve|servono|portare|нужн\w+)(?!\w)",
    re.IGNORECASE,
)
_AT_ITS_END = lazy(
    r"(?<!\w)(?:takes? place|findet statt|a lieu|aura lieu|tiene lugar|tem lugar|acontece|si tiene|ha luogo|"
    r"состоится)\s*$",
    re.IGNORECASE,
)
_OF_RECORD = lazy(
    r"(?<!\w)(?:date|day of|file|entry|line|row|photo|picture|message|e?mail|letter|invoice|payment|order|paper|"
    r"datum|datei|eintrag|zeile|foto|nachricht|brief|rechnung|zahlung|fichier|ligne|photo|message|lettre|facture|"
    r"paiement|fecha|archivo|línea|foto|mensaje|carta|factura|pago|data|arquivo|linha|mensagem|fatura|pagamento|"
    r"file|riga|messaggio|lettera|fattura|дата|файл|запись|письмо|счет|счёт)(?!\w)"
    r"|^\W*(?:new year\S*(?: \S+)?|christmas|easter|weihnachten|ostern|noël|pâques|navidad|pascua|natal|páscoa|natale|"
    r"pasqua|рождество|пасха)(?: \S+)?\W*$",
    re.IGNORECASE,
)
"""What bears a day, or falls on one each year, rather than being planned for it."""
_ATTRIBUTE = lazy(r"(?<!\w)(?:with|for|of|by|the|our|an?)\s+[a-z]+ed(?=\s+[a-z])", re.IGNORECASE)
"""A participle that belongs to a noun: "with retired fishers"."""


def _names_occasion(head: str) -> bool:
    """Whether the words before the day name an occasion, or say who comes, and nothing else."""
    if len(head) > _LONGEST_HEAD or head.count("(") != head.count(")"):
        return False
    is_on = _IS.search(head)
    said = head[: is_on.start()] if is_on else head
    noun = _NOUN.search(said)
    if _STATES.search(said):
        return False
    if not is_on and (happens := _HAPPENS.search(said)):
        return _ABOUT_IT.search(said[: happens.start()]) is None
    return noun is not None and _ABOUT_IT.search(said[: noun.start()]) is None
