"""Recognises what ends on a day, in nine languages ("until", "gilt bis", "jusqu'au", "まで").

What the sentence says must itself end with the day: "until June we used A" is history and stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kairos.core.dates.days import LONGEST_SENTENCE, DayMention, Precision, mentions
from kairos.core.dates.today import Today
from kairos.core.markdown.shield import QUOTATION
from kairos.core.staleness.beyond import SAYS_MORE, doubt_about_end, is_of_subject, recurs
from kairos.core.staleness.bound import clauses, holds_meanwhile, is_bound, tells_of_past
from kairos.core.staleness.meanwhile import is_back, passing, stated, without_held
from kairos.core.staleness.periods import period
from kairos.core.staleness.stays import is_absence, is_arranged, is_doing
from kairos.core.text.patterns import lazy


@dataclass(frozen=True, slots=True)
class Expiry:
    """An end that has passed, and the `doubt` whether the sentence outlasts it; "" if it certainly does not."""

    day: date
    doubt: str


def _whole_words(*alternatives: str, unspaced: str = "") -> re.Pattern[str]:
    """Return a pattern for any of these as whole words, and for `unspaced` (Chinese, Japanese) anywhere."""
    tail = f"|{unspaced}" if unspaced else ""
    return lazy(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w){tail}", re.IGNORECASE)


_CUE_BEFORE = lazy(
    r"(?:(?<!\w)(?P<plain>until|till|up until|valid (?:until|till|through|(?:up )?to)"
    r"|in (?:force|effect) (?:up )?to|through|up to and including|ends? on"
    r"|jusqu['’]au|hasta(?: el)?|fino al(?: giorno|l['’])?)"
    r"|(?<!\w)(?P<chore>(?:remove|delete|drop)(?: [^;,\n]{1,40}?)? (?:after|on)(?: [^;,\n]{1,60}?(?: on| \())?"
    r"|löschen nach(?: dem)?)"
    r"|(?<!\w)(?P<vague>expires?(?: on| at)?|expired(?: on)?|(?:gilt |gültig |noch )?bis(?: zum| einschließlich)?"
    r"|endet am|se termine le|termina (?:el|em)|finisce il"
    r"|(?:until|till|bis zu[rm]|jusqu['’](?:à l[ae']|au)|hasta (?:el|la)|até (?:ao?|à|o)|"
    r"fino a\w*)\s?(?:[^\s,;:.\d]+ ){1,4}?"
    r"(?:on|am|le|du|del?|el|em|a|il|di)"
    r"|läuft ab am|jusqu['’](?:en|à fin)|expire le|hasta fines de|caduca el|vence el"
    r"|até(?: o dia| ao dia| a| ao)?|expira em|scade il|до)"
    r"|(?P<cjk>有效期?至|直到|持续到|(?:休[产病年]?假|请假|[停借]用|外借|借出|关闭|暂停|冻结|出差|封[版网]|维修|打折|优惠)\s?[到至]))"
    r"\s*(?:the |the end of |end of |ende |(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?[*_]*$",
    re.IGNORECASE,
)
_YEAR_AT_END = re.compile(r"(?<![\w.])(?:19|20)\d\d$")
_CUE_AFTER = lazy(r"^\s*(?:\([^)]*\)\s*)?(?:まで(?!に)|为止|為止|止|之前有效|前有效)")
_NOT_AN_END = _whole_words(  # the day begins or moves something rather than ending it
    "not (?:before|until|valid)|no earlier|since|postponed|moved|rescheduled|extended|delayed|earliest",
    "nicht vor|erst|frühestens|seit|verschoben|verlängert|depuis|pas avant|reporté|prolongé",
    "desde|no antes|aplazad[oa]|prorrogad[oa]|adiad[oa]|não antes|rinviat[oa]",
    r"с тех пор|не раньше|перенес\w+",
    unspaced="不早于|以降|以来|延期|自从",
)
_HISTORY = _whole_words(  # past tense, or what came afterwards: the sentence stays true
    "was|were|had|did|used|worked|ran|lasted|went|became|then|afterwards?|thereafter|after that|now",
    "instead|history|formerly|previously|wurden?|war|waren|hatten?|lief|danach|dann|jetzt|nun|früher|seitdem",
    "était|étaient|avait|puis|ensuite|maintenant|era|eran|fue|después|ahora|depois|foi|agora",
    "poi|adesso|был[аио]?|потом|теперь",
    unspaced="后来|之后|以后|现在|でした|ました|その後",
)
_END_MATTERS = _whole_words(  # its end matters as much as its validity, or something had to be done by that day
    r"supports?|supported|eol|end[- ]of[- ]life|maintained|deprecat\w*|licen[cs]e\w*|warranty|contract\w*",
    r"lease\w*|subscription|cert(?:s|ificates?)?|tokens?|keys?|passwords?|passport|permit|visa|insurance|domain",
    r"renew\w*|stud(?:y|ies)|employed|pay(?:s|ment)?|paid|submit\w*|deliver\w*|send|hand in|finish|complete",
    r"(?:must|ha(?:s|ve) to|(?:is|are) to|needs? to|should)(?! (?:still )?(?:stay|remain|keep|"
    r"be kept)(?!\w))|needs?(?! to)|wants?|deadline|due|answer|reply|respond|review it|decide",
    r"(?:not|\w+n['’]t) (?:be )?(?:available|released|ready|open|possible|ship\w*)|born",
    r"hay que|debe\w*(?! (?:quedar|permanecer|seguir|estar))|il faut|faut|doi(?:t|vent)(?! rester)|bisogna|"
    r"deve(?! (?:rimanere|restare|stare|ficar|permanecer|estar))|devono(?! (?:rimanere|restare|stare))",
    r"garantie|vertrag\w*|lizenz\w*|zertifikat\w*|schlüssel|versicherung|abo|abgeben|liefern|muss|müssen",
    r"contrat\w*|contrato\w*|certificat\w*|certificado\w*|licencia|(?<!de )licença|garant[íi]a|entregar|rendre",
    unspaced="合同|证书|許可|契約|许可证|保修|提交|提出",
)
_TEMPORARY = _whole_words(
    r"temporar\w+|temp|interim|for now|for the time being|freeze|frozen|maintenance|closed|outage",
    r"down for|on hold|on (?:\w+ )?leave|on (?:vacation|holiday|sick leave)|away|absent|abroad|travelling|"
    r"out of office|reachable|off sick|on a (?:business )?trip",
    "stop|moratorium|embargo|excused|special offer|(?:\\w+ )?special|discount|promotion|promo|nothing is \\w+ed",
    r"vorübergehend\w*|befristet\w*|provisorisch\w*|übergangsweise|wartung\w*|gesperrt|geschlossen|urlaub|"
    r"verreist|auf (?:dienst)?reise|abwesend|krankgeschrieben|\\w*elternzeit|mutterschutz|abgeschaltet|sperrung|"
    r"rabatt|sonderpreis",
    r"temporaire\w*|provisoire\w*|fermée?s?|gel|en congés?|en vacances|en déplacement|absente?s?|remise|promotion|"
    r"temporal(?:es|mente)?|provisional\w*|cerrad[oa]s?|mantenimiento|"
    r"de baja|de permiso|de vacaciones|ausente|de viaje|descuento|oferta",
    r"temporári\w+|provisóri\w+|temporariamente|manutenção|fechad[oa]s?|de licença|de férias|ausente|desconto|"
    r"promoção|temporane\w+|provvisori\w+|chius[oa]",
    r"manutenzione|in ferie|in trasferta|временн\w+|закрыт\w*|в отпуске|в декрете|в командировке|"
    r"отсутству\w+|скидк\w+",
    unspaced="临时|暂时|臨時|一時的|冻结|維護|维护|メンテナンス|停止中|閉鎖|关闭|休假|产假|出差|不在|休暇|休業|休館|閉店|産休|育休|優惠|优惠|特价|セール",
)
_NARROWED = lazy(
    r"[,;]\s*(?:only|nur|seule?s?|seulement|sólo|solo|só|apenas|solamente|soltanto|только)\s+(?:[^\W\d]+\s+){1,3}"
    r"(?:go(?:es)?|gets?|pass(?:es)?|may|are|is|dürfen|darf|gehen|geht|werden|wird|passent|passe|sont|est|"
    r"pueden?|puede|"
    r"pasan|entran|son|podem|pode|passam|entram|são|possono|può|passano|sono|можно|проходят)(?!\w)[^,;:\d]{0,30}$",
    re.IGNORECASE,
)
"""What a passing state leaves room for: "…, only fixes go in"."""
_STATE = _whole_words(
    "is|are|stays?|remains?|stands?|keeps?|use|leave|holds?|avoid|skip|don['’]t|do not|no|never|only|valid|"
    r"in force|in effect",
)
_FOREIGN_STATE = _whole_words(  # "bis", "hasta", "до" also mean "by": only what plainly lasts counts
    r"gilt|gelten|gültig|bleib\w*|reste(?:nt)?|valable|permanece[mn]?|válid[oa]s?|ficam?|resta(?:no)?|valid[oa]",
    r"действу\w+|оста[её]тся",
    unspaced="有效|有効|保持",
)
_IS = _whole_words(r"est|sont|es|son|est[áa]n?|queda\w*|sigue\w*|è|sono|rimane|rimangono")
_CONDITION = _whole_words(  # something may have made it last longer
    r"unless|except\w*|if|provided|at least|at the earliest|or (?:later|longer|until|as long as)|possibly|probably",
    "au(?:ß|ss)er(?! betrieb)|es sei denn|wenn|falls|sofern|mindestens|oder länger|voraussichtlich|eventuell",
    r"sauf|excepté|à moins|s['’]il|si (?:le|la|les|l['’]\w+|on|nous|el|los|las|no)|au moins|ou plus",
    "salvo|excepto|exceto|a menos|al menos|pelo menos|a meno|tranne|eccetto|almeno|o más|ou mais|o più",
    "если|кроме|разве что|как минимум|или дольше",
    unspaced="除非|除了|如果|至少|でない限り|ない限り|を除|除いて|場合|少なくとも",
)
_INCIDENT = _whole_words(
    r"outages?|incidents?|downtime|störung\w*|ausfall|ausfälle|pannes?|caídas?|incidentes?|avarias?|guasto|"
    r"сбо[йи]|авари\w+",
    unspaced="故障|宕机|障害",
)
"""What happened to somebody rather than being arranged: the days of an incident are a record."""
_RUNS = lazy(
    r"^\W*$|(?<!\w)(?:runs?|lasts?|is|are|dauert|läuft|ist|sind|dure|est|dura|es|está|é|está|длится|идёт)\W*$",
    re.IGNORECASE,
)
"""What stands before a period that tells how long something is, rather than which things are meant."""
_WHICH = "the days may only tell which ones are meant"
_QUOTED = lazy(rf"`[^`\n]*`|{QUOTATION}")
_MEANWHILE = _whole_words(
    "until then|till then|meanwhile|in the meantime|bis dahin|solange|währenddessen|d['’]ici là|jusque-là",
    "entre-temps|hasta entonces|mientras tanto|até lá|entretanto|fino ad allora|nel frattempo|до тех пор",
    unspaced="在此之前|在那之前|それまで|その間",
)
_EDGES = "到至直 \t*_([-–—"
_LONGEST = 220  # characters; a longer sentence is taken to say more than when something ends
_ANY_YEAR = date(2000, 1, 1)  # only whether a day is named counts, not which one


def expiry(sentence: str, *, today: Today, is_log: bool = False) -> Expiry | None:
    """Return the end that a sentence names if it has passed on `today`, else None.

    In a log, what it says besides of the time until then is part of the record, too.
    """
    if len(sentence) > LONGEST_SENTENCE:
        return None
    quoted = [match.span() for match in _QUOTED.finditer(sentence)]
    found = [mention for mention in today.mentions(sentence) if not _inside(mention, quoted)]
    ends = [(mention, cue) for mention in found if (cue := _cue(sentence, mention, found))]
    if not ends or not all(today.is_past(mention.last) for mention in found) or _NOT_AN_END.search(sentence):
        return None
    last = ends[-1][0]
    start = _cue_start(sentence, last)
    at_head = not sentence[:start].strip(_EDGES)
    state = passing(sentence if at_head else stated(sentence, last.end))
    said = without_held(sentence, start, last.end, state)
    temporary = bool(_TEMPORARY.search(sentence))
    if _HISTORY.search(said) and not temporary:
        return None
    if not is_log and (state or at_head):
        sentence = said
    temporary = temporary or state is not None
    doubts = (*(_doubt_about(sentence, *end, temporary=temporary) for end in ends), _doubt(sentence))
    return Expiry(max(mention.last for mention, _ in ends), next(filter(None, doubts), ""))


def _doubt_about(sentence: str, mention: DayMention, cue: str, *, temporary: bool) -> str:
    """Return why it is in doubt that all that a sentence says ended on a day; "" if it is not."""
    if cue == "chore":
        return "it asks for something that may still have to be done"
    if mention.precision not in (Precision.DAY, Precision.MONTH):
        return "it names no exact day"
    start = _cue_start(sentence, mention)
    if temporary:
        sentence = _NARROWED.sub("", sentence)
    if doubt := doubt_about_end(sentence, start, mention.end):
        return doubt
    if not temporary and not _is_lasting_state(sentence, cue, sentence[:start]):
        return "it does not say plainly that something lasted until then"
    return ""


def _doubt(sentence: str) -> str:
    """Return which words of a sentence may outlast any end that it names; "" if none do."""
    if found := _END_MATTERS.search(sentence):
        return f"that it ended may be worth knowing ({found[0]})"
    if found := _CONDITION.search(sentence):
        return f"it may have lasted longer ({found[0]})"
    return SAYS_MORE if len(sentence) > _LONGEST or _HISTORY.search(sentence) else ""


def came_back(sentence: str, *, today: Today) -> Expiry | None:
    """Return the day on which what is away or out of use was to be back, if that has passed; None if it names none."""
    if len(sentence) > _LONGEST:
        return None
    found = today.mentions(sentence)
    days = [mention for mention in found if mention.precision is Precision.DAY]
    back = [day for day in days if is_back(sentence, day.start, day.end)]
    if not back or not all(today.is_past(mention.last) for mention in found):
        return None
    if passing(sentence) is None or tells_of_past(sentence) or recurs(sentence):
        return None
    return Expiry(back[-1].last, "nothing says that it is back")


def ended_period(sentence: str, *, today: Today, is_log: bool = False) -> Expiry | None:
    """Return the end of a period ("from D1 to D2") in which something held that is over; None if there is none.

    In a log, what was merely arranged for a period is part of the record.
    """
    if len(sentence) > _LONGEST:
        return None
    exact = [mention for mention in mentions(sentence, reference=None) if mention.precision is Precision.DAY]
    found = mentions(sentence, reference=exact[0].first) if exact else ()
    span = period(sentence, found)
    if span is None or not all(today.is_past(mention.last) for mention in found) or recurs(sentence):
        return None
    if tells_of_past(sentence) or _NOT_AN_END.search(sentence) or _INCIDENT.search(sentence):
        return None
    if is_of_subject(sentence, span.end):
        return None
    state = passing(stated(sentence, span.end))
    if state and not is_log:
        sentence = without_held(sentence, span.start, span.end, state)
    head, (goes_on, beside) = sentence[: span.start], _after(sentence[span.end :])
    passes = bool(state or _TEMPORARY.search(sentence)) or holds_meanwhile(sentence[span.end :])
    absent = not is_log and is_absence(f"{head.rstrip()} {goes_on}", beside)
    arranged = not is_log and (is_arranged(head) or is_doing(head))
    if not (passes or absent or arranged or _RUNS.search(head)):
        return None
    said = [] if absent else [clause for clause in beside if not is_bound(clause)]
    bounded = sentence if said else f"{sentence[: span.end]} {goes_on}"
    doubt = (
        doubt_about_end(bounded, span.start, span.end)
        or _doubt("; ".join((sentence[: span.end], *said)))
        or (SAYS_MORE if said else "")
    )
    return Expiry(span.last.last, doubt or ("" if passes or absent else _WHICH))


def _after(tail: str) -> tuple[str, list[str]]:
    """Return how a sentence goes on right after its period, "" if it does not, and the clauses after that."""
    said = clauses(_AND_NO.sub(", ", tail, count=1))
    return (said[0], said[1:]) if said and tail.lstrip().startswith(said[0]) else ("", said)


_AND_NO = lazy(
    r"\s+(?:and|und|et|y|e|и)\s+(?=(?:(?:takes|has|nimmt|prend|ne prend|atiende|atende|prende)\s+)?"
    r"(?:no|keine?|pas|sin|não|sem|non|не|без)\s)",
    re.IGNORECASE,
)
"""Joins what somebody is not to be asked for: "and takes no calls"."""


def names_an_end(sentence: str) -> bool:
    """Whether a sentence says that something holds until a day, be it past or yet to come."""
    if len(sentence) > LONGEST_SENTENCE:
        return False
    quoted = [match.span() for match in _QUOTED.finditer(sentence)]
    found = mentions(sentence, reference=_ANY_YEAR)
    return any(_cue(sentence, mention, found) for mention in found if not _inside(mention, quoted))


def only_meanwhile(sentence: str) -> bool:
    """Whether a sentence says only what holds in the meantime ("… until then"), and names no day."""
    return (
        len(sentence) <= _LONGEST
        and bool(_MEANWHILE.search(sentence))
        and not mentions(sentence, reference=None)
    )


def _cue(sentence: str, mention: DayMention, found: Sequence[DayMention]) -> str | None:
    """Return the kind of word that makes a mention an end: "plain", "chore", "vague", "cjk", or None if none does.

    The end of a period ("A through B") does not count.
    """
    before = _CUE_BEFORE.search(sentence[: mention.start])
    if before is not None:
        ahead = sentence[: before.start()].rstrip()
        is_period = any(other.end == len(ahead) for other in found) or _YEAR_AT_END.search(ahead)
        is_attribute = ahead.strip(_EDGES) and is_of_subject(sentence, mention.end)
        return None if is_period or is_attribute else before.lastgroup
    return "cjk" if _CUE_AFTER.match(sentence[mention.end :]) else None


def _cue_start(sentence: str, mention: DayMention) -> int:
    """Return where the words begin that make a mention an end: "valid until", "gilt bis"."""
    before = _CUE_BEFORE.search(sentence[: mention.start])
    return before.start() if before else mention.start


def _is_lasting_state(sentence: str, cue: str, before: str) -> bool:
    """Whether a sentence describes a state that lasts, rather than something due.

    `before` is what it says before the words for the end. With nothing before them, all that it says lasts until then.
    """
    opens = cue in ("plain", "cjk") and not before.strip(_EDGES) and not tells_of_past(sentence)
    states = (_STATE, _FOREIGN_STATE, _IS) if cue == "plain" else (_FOREIGN_STATE,)
    return opens or any(pattern.search(sentence) for pattern in states)


def _inside(mention: DayMention, ranges: list[tuple[int, int]]) -> bool:
    return any(start <= mention.start and mention.end <= end for start, end in ranges)
