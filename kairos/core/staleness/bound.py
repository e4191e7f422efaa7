"""Tells apart what is bound to an occasion (when, where, what to bring) and what outlasts it or happened there."""

from __future__ import annotations

import re
from itertools import pairwise

from kairos.core.dates.days import names_a_day, without_days
from kairos.core.staleness.beyond import MEANWHILE, recurs, tells_cause, tells_later
from kairos.core.text.patterns import lazy

_BOUNDARY = re.compile(
    r"[;；，、。]|[,:：](?=\s|$)|(?<=[㐀-鿿])[:：]|(?<!\d)\s*[—–]|[—–](?!\d)|\s-\s|(?<!\d)[.!?](?=\s|$)"
)
_ARRANGED = (
    r"ordered|booked|reserved|registered|rented|hired|invited|planned|scheduled|bestellt|gebucht|reserviert|"
    r"gemietet|"
    r"angemeldet|geplant|commandée?s?|réservée?s?|louée?s?|inscrite?s?|prévue?s?|reservad[oa]s?|encargad[oa]s?|"
    r"alquilad[oa]s?|inscrit[oa]s?|previst[oa]s?|alugad[oa]s?|encomendad[oa]s?|prenotat[oaie]|заказан\w*|"
    r"забронирован\w*"
)
"""What was arranged for an occasion."""
_READY = (
    r"printed|packed|prepared|borrowed|confirmed|arranged|gedruckt|gepackt|vorbereitet|ausgeliehen|geliehen|"
    r"bestätigt|imprimée?s?|préparée?s?|empruntée?s?|confirmée?s?|impres[oa]s?|preparad[oa]s?|(?:em)?prestad[oa]s?|"
    r"confirmad[oa]s?|stampat[oaie]|preparat[oaie]|confermat[oaie]|распечатан\w*|подготовлен\w*"
)
"""What was got ready for it, at the end of a clause; before an object, the same words are a past tense."""
_BEFORE = (
    r"(?:(?:an?|one|two|three|four|five|six|\d{1,2}) (?:hours?|days?|weeks?|months?) "
    r"(?:before|ahead|in advance|earlier)"
    r"|(?:eine?n?|zwei|drei|\d{1,2}) (?:stunden?|tage?|wochen?) (?:vorher|davor|zuvor)"
    r"|(?:une?|deux|trois|\d{1,2}) (?:heures?|jours?|semaines?|mois) (?:avant|plus tôt)"
    r"|(?:una?|um|uma|dos|dois|duas|tres|três|\d{1,2}) (?:horas?|días?|dias?|semanas?) antes"
    r"|(?:un|una|due|tre|\d{1,2}) (?:ore|giorn[oi]|settiman[ae]) prima|за (?:\S+ )?(?:день|дня|дней|недел\w+))"
)
_PAST = lazy(
    r"(?<!\w)(?:was|were|had|did|has(?! (?:to|an?|the|his|her|their|its|no|only)(?!\w))|have been|went|came|"
    r"got|gave|took|made|told|said|met|saw|found|"
    r"ran|fell|broke|held|"
    r"lost|won|spoke|spent|learnt|meant|sent|built|wrote|left|began|became|brought|bought|thought|kept|led|"
    r"knew|chose|showed|"
    r"sold|rose|drove|flew|grew|taught|caught|felt|heard|stood|drew|threw|ate|sang|"
    rf"(?!(?:{_ARRANGED})(?!\w))(?!(?:{_READY})\s*(?:$|[,;.]|{_BEFORE}))"
    r"(?<!is )(?<!are )(?<!be )(?<!not )(?<!gets )(?<!get )(?<!stays )(?<!nothing )\w+[^\We_]ed|"
    r"war|waren|wurden?|hatten?|hat|haben|lief(?:en)?|ging(?:en)?|kam(?:en)?|gab|fand|hielt|"
    r"était|étaient|avait|avaient|fut|a (?!lieu(?!\w))(?:été|\w+(?:é|i|u|is|it))|ont \w+|avons \w+|"
    r"fue|fueron|era|eran|estuvo|hubo|había|ha|han|\w{2,}ó|\w{2,}ieron|\w{2,}aron|"
    r"\w{2,}(?:aba|aban|ábamos|íamos|avam?|ávamos|av(?:ano|amo)|ev(?:ano|amo))|tenían?|podían?|debían?|hacían?|"
    r"iban?|usávamos|"
    r"(?!fait|trait|lait|parfait|extrait|retrait|portrait|souhait)\w{3,}(?:ait|aient)|"
    r"foi|foram|esteve|houve|tinha|(?-i:[a-zà-ÿ]{3,}ou)|\w{2,}aram|\w{2,}eram|è stat[oa]|hanno|"
    r"был[аио]?|\w{3,}(?:ла|ло|ли|лся|лась|лись))(?!\w)"
    r"|了|过|過|でした|ました|だった|た[。\s]?$",
    re.IGNORECASE,
)
_OF_EARLIER = lazy(
    r"(?<!\w)(?:last|latest|previous|most recent|so far|letzte[nrsm]?|vorige[nrsm]?|bisher|dernier|dernière|"
    r"précédente?|"
    r"últim[oa]|(?<!día )(?<!dia )anterior|ultim[oa]|последн\w+|прошл\w+)(?!\w)|上次|最近|前回|最後",
    re.IGNORECASE,
)
_TIME = (
    r"\d{1,2}(?:[:.]\d\d|\s?h(?:\s?\d\d)?|:\d\d\s?(?:[ap]\.?m\.?)?)(?:\s?(?:h|uhr|[ap]\.?m\.?))?(?!\w)"
    r"|\d{1,2}\s?(?:uhr|[ap]\.?m\.?|heures)(?!\w)|\d{1,2}\s?[点時时点](?:半|\d{1,2}分)?"
)
TIME_OF_DAY = lazy(rf"(?<![\w.:€$£])(?:{_TIME})", re.IGNORECASE)
_HOURS = lazy(
    r"\W*(?:(?:at|from|um|von|ab|à|de|dès|a las|de las|desde las|às|das|alle|dalle|в|с)\s+\d{1,2}"
    r"(?:\s*(?:to|till|until|bis|à|a|a las|às|alle|до|[–—-])\s*\d{1,2})?"
    r"|(?:between|zwischen|entre|tra|fra|между)\s+(?:las\s+)?\d{1,2}\s+(?:and|und|et|y|e|и)\s+(?:las\s+)?\d{1,2})"
    r"(?=\W*$|\s+(?:at|in|on|im|in der|am|bei|chez|dans|en|sur|em|no|na|nel|nella|presso|на)\s)",
    re.IGNORECASE,
)
"""Bare hours at the head of a clause: "from 11 to 16"."""
_TO = lazy(
    r"\s*(?:to|till|until|and|bis|und|à|et|a|y|a las|e as|às|alle|e le|до|[–—-])\s*(?:las |as |le )?",
    re.IGNORECASE,
)
_TIME_WORDS = lazy(
    r"(?<!\w)(?:statt|at|from|to|till|until|by|call time|doors?(?: open)?|start|starts?|begins?|ends?|um|ab|von|"
    r"bis|beginn|einlass|"
    r"à|de|a|dès|début|las|los|desde|inicio|às|das|alle|dalle|inizio|в|с|до|начало|about|circa|ca\.?|"
    r"(?:\d+|[^\W\d]+) ?(?:min(?:ute)?s?|hours?|days?|minuten?|stunden?|tage?|heures?|jours?|minutos?|horas?|"
    r"días|dias|"
    r"minut[oi]|or[ae]|giorni|минут\w*|час\w*|分钟|小时|分|時間|分間))(?!\w)",
    re.IGNORECASE,
)
_CJK_TIME_WORDS = re.compile(r"から|まで|より|上午|下午|午前|午後|开始|に(?=\W|$)")
_LEADING_TIME_WORDS = re.compile(
    r"^(?:\s*(?:at|from|to|um|ab|von|bis|à|dès|a las|a los|las|às|das|alle|в|с|до)(?=\s\s))*\s*",
    re.IGNORECASE,
)
_PLACE = lazy(
    r"\W*(?:(?:at|in|on|im|in der|am|bei|beim|à|au|aux|chez|dans|en|sur|em|no|na|nel|nella|presso|в|на|"
    r"在)\s+(?:\S+\s+){0,4}\S+"
    r"|(?:stall|stand|room|hall|gate|slot|booth|table|seats?|platform|track|floor|building|pitch|raum|halle|saal|"
    r"zimmer|"
    r"gleis|platz|plätze|tisch|salle|quai|place|table|sala|puesto|caseta|mesa|andén|asiento|auditorio|estande|"
    r"binario|"
    r"зал|комната|место|стенд)\s+[\w.-]+)\W*",
    re.IGNORECASE,
)
_TO_DO = lazy(
    r"\W*(?:please|take|bring|have|prepare|pack|wear|arrive|be|do not|don['’]t|no|book|"
    r"bitte|nicht|kein\w*|mitbringen|vorbereiten|prévoir|apporter|préparer|emporter|ne pas|pas de|merci de|"
    r"tener|ter|avoir|llevar|traer|preparar|prever|no \w+r\w*|levar|trazer|não|"
    r"portare|preparare|non|взять|принести|подготовить|"
    r"не)(?!\w)"
    r"|.*(?<!\w)(?:mitbringen|mitnehmen|vorbereiten|bereithalten|fertig haben|einpacken)\W*$|\W*(?:请|請|带|帶|准备|"
    r"準備|不要|别)|.*(?:持参|準備)",
    re.IGNORECASE,
)
_BEFOREHAND = lazy(
    r"(?<!\w)(?:(?:ha(?:ve|s) to|must|needs?(?: to)?|should|are to|is to)(?!\w).*(?<!\w)(?:ready|before|"
    r"beforehand|in advance|for it(?=\W*$))"
    r"|the (?:day|evening|night|week|morning|afternoon) before|beforehand|"
    r"(?:am )?(?:tag|abend|vortag) (?:davor|vorher|zuvor)|am vortag|am vorabend|vorher|"
    r"im voraus|la veille|à l['’]avance|"
    r"la víspera|"
    r"el día antes|el día anterior|de antemano|na véspera|no dia anterior|il giorno prima|накануне|заранее)(?!\w)"
    r"|前一天|提前|事前|前日",
    re.IGNORECASE,
)
_LONG_BEFORE = lazy(
    rf"(?<!\w)(?:{_BEFORE}|by then|bis dahin|d['’]ici là|para entonces|até lá)(?!\w)", re.IGNORECASE
)
_GET_READY = lazy(
    r"\W*(?:(?:order|borrow|rent|hire|print|reserve|invite|set up|lay out|clear|fetch|show|present|demonstrate|remind|"
    r"confirm|bestelle|drucke|leihe|zeige|commander|imprimer|emprunter|réserver|louer|inviter|montrer|présenter|"
    r"pedir|encargar|imprimir|reservar|alquilar|invitar|mostrar|enseñar|encomendar|alugar|convidar|apresentar|"
    r"ordinare|stampare|prenotare|noleggiare|invitare|mostrare|заказать|распечатать|забронировать|арендовать|"
    r"пригласить|показать)\s"
    r"|.*(?<!\w)(?:bestellen|ausleihen|leihen|drucken|ausdrucken|reservieren|mieten|einladen|zeigen|vorführen|"
    r"aufbauen)\W*$|(?:订购|打印|借|预订|租|邀请|展示|演示))",
    re.IGNORECASE,
)
"""Tells what to get ready or to show. Unlike what to bring, it may name what is needed at other times, too."""
_OBLIGED = (
    r"(?:ha(?:s|ve) to|must|needs? to|need to|muss|müssen|il faut|faut|doi(?:t|vent)|hay que|tienen? que|deben?|"
    r"é preciso|tem de|têm de|devem?|bisogna|devono|deve|нужно|надо|должн\w+)"
)
_OBLIGATION = lazy(rf"(?<!\w){_OBLIGED}(?!\w)|需要|必须|必須", re.IGNORECASE)
_TO_GET_READY = lazy(
    rf"(?<!\w){_OBLIGED}\s(?:[^,;:]{{0,80}}?\s)?(?:{_ARRANGED}|{_READY}|bring\w*|order|book|borrow|rent|hire|print|reserve|"
    r"invite|clear(?:ed)?|set up|fetch|bestellen|ausleihen|leihen|drucken|reservieren|mieten|einladen|commander|"
    r"imprimer|emprunter|réserver|louer|inviter|pedir|encargar|imprimir|reservar|alquilar|invitar|encomendar|alugar|"
    r"convidar|ordinare|stampare|prenotare|noleggiare|invitare|заказать|распечатать|забронировать|арендовать|"
    r"пригласить)(?!\w)|(?:需要|必须|要)(?:\S{0,6})?(?:订购|打印|借|预订|租|邀请)",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[`@/=#\"“„«€$£]|(?<!\w)(?!\d{1,3} [^\W\d]{2})\w*\d")
"""What may be needed at other times: a number that counts nothing, an address, a quotation."""
_WITH_IT = lazy(
    rf"{MEANWHILE}|(?<!\w)(?:on the day|that (?:evening|morning|afternoon|night)|an dem tag|ce jour-là|ese día|"
    rf"nesse dia|"
    r"quel giorno|в этот день)(?!\w)|当天|那天|当日",
    re.IGNORECASE,
)
_GENERAL = lazy(
    r"(?<!\w)(?:next time|always|never|in general|in principle|at any time|in future|from now on|generally|"
    r"nächstes mal|künftig|immer|nie|niemals|grundsätzlich|"
    r"in zukunft|la prochaine fois|toujours|jamais|désormais|en principe|la próxima vez|siempre|nunca|jamás|"
    r"en principio|en adelante|"
    r"da próxima vez|sempre|la prossima volta|mai|всегда|никогда|в следующий раз|впредь)(?!\w)"
    r"|下次|以后|总是|从不|次回|常に|今後",
    re.IGNORECASE,
)
"""Tells what is to be done on other occasions, too."""
_IS_ARRANGED = lazy(rf"(?<!\w)(?:{_ARRANGED})(?!\w)|(?<!\w)(?:{_READY})\W*$", re.IGNORECASE)
_SEAT = lazy(
    r"\W*(?:stall|stand|booth|hall|room|gate|table|raum|halle|saal|salle|sala|puesto|caseta|estande|зал|стенд)"
    r"\s+[\w.-]*\d",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_EDGES = " \t\n.,;:!()（）。，；：*_"


def clauses(text: str) -> list[str]:
    """Return the clauses of a text, without what separates them; clock times and ranges stay whole."""
    return [clause.strip() for clause in _BOUNDARY.split(text) if clause.strip(_EDGES)]


def tells_of_past(text: str) -> bool:
    """Whether a text tells what happened: a past tense, or "the last …". Arrangements ("booked") do not count."""
    return _PAST.search(text) is not None or _OF_EARLIER.search(text) is not None


def names_time(text: str) -> bool:
    """Whether a text names a time of day."""
    return TIME_OF_DAY.search(text) is not None or _HOURS.match(text) is not None


def names_hours(text: str) -> bool:
    """Whether a text names from when to when: "from 18:00 to 20:30"."""
    times = [match.span() for match in TIME_OF_DAY.finditer(text)]
    return any(_TO.fullmatch(text, end, start) for (_, end), (start, _) in pairwise(times))


def holds_meanwhile(text: str) -> bool:
    """Whether a text says that something holds for as long: "that week", "in that time"."""
    return _WITH_IT.search(text) is not None


def is_general(clause: str) -> bool:
    """Whether a clause is about more than one occasion: "always", "every week"."""
    return recurs(clause) or _GENERAL.search(clause) is not None


def is_bound(clause: str) -> bool:
    """Whether a clause beside an occasion says nothing that outlasts it: time, place, what to bring or do for it."""
    if is_general(clause) or tells_of_past(clause) or tells_cause(clause):
        return False
    if holds_meanwhile(clause):
        return True
    return not tells_later(_OBLIGATION.sub(" ", clause)) and (
        _is_bound_preparation(clause)
        or _is_time_and_place(clause)
        or (_PLACE.fullmatch(clause) is not None and not names_time(clause))
        or (_IS_ARRANGED.search(clause) is not None and not _DIGIT.search(clause))
        or names_a_day(clause)
    )


def is_preparation(clause: str) -> bool:
    """Whether a clause tells what to do for an occasion or during it."""
    return (
        any(pattern.match(clause) for pattern in (_TO_DO, _GET_READY))
        or any(pattern.search(clause) for pattern in (_BEFOREHAND, _LONG_BEFORE, _TO_GET_READY))
        or holds_meanwhile(clause)
    )


def shows_plan(clause: str) -> bool:
    """Whether a clause beside an occasion shows that it was a plan, though it may say more than that."""
    return is_preparation(clause) or names_time(clause) or _OBLIGATION.search(clause) is not None


def names_seat(clause: str) -> bool:
    """Whether a clause names a stand, a hall or a room by its number."""
    return _SEAT.match(clause) is not None


def _is_bound_preparation(clause: str) -> bool:
    """Whether a clause tells what to do for an occasion, and nothing that may be needed at other times."""
    if _TO_DO.match(clause) or _BEFOREHAND.search(clause):
        return True
    to_get_ready = _GET_READY.match(clause) or _LONG_BEFORE.search(clause) or _TO_GET_READY.search(clause)
    return to_get_ready is not None and _VALUE.search(clause) is None


def _is_time_and_place(clause: str) -> bool:
    clause = without_days(clause)
    hours = _HOURS.match(clause)
    if hours and (hours.end() == len(clause.rstrip(_EDGES)) or _PLACE.fullmatch(clause, hours.end())):
        return True
    without = _CJK_TIME_WORDS.sub(" ", TIME_OF_DAY.sub(" ", clause))
    if not re.search(r"\w", _TIME_WORDS.sub(" ", without)):
        return True
    return without != clause and _PLACE.fullmatch(_LEADING_TIME_WORDS.sub("", without)) is not None
