"""Tells apart what is bound to an occasion (when, where, what to bring) and what outlasts it or happened there."""

from __future__ import annotations

import re

from kairos.core.dates.days import names_a_day, without_days
from kairos.core.staleness.beyond import MEANWHILE, recurs, tells_cause, tells_later
from kairos.core.text.patterns import lazy

_BOUNDARY = re.compile(
    r"[;；，、。]|[,:：](?=\s|$)|(?<=[㐀-鿿])[:：]|(?<!\d)\s*[—–]|[—–](?!\d)|\s-\s|(?<!\d)[.!?](?=\s|$)"
)
_ARRANGED = (
    r"ordered|booked|reserved|registered|rented|hired|invited|planned|scheduled|bestellt|gebucht|reserviert|gemietet|"
    r"angemeldet|geplant|commandée?s?|réservée?s?|louée?s?|inscrite?s?|prévue?s?|reservad[oa]s?|encargad[oa]s?|"
    r"alquilad[oa]s?|inscrit[oa]s?|previst[oa]s?|alugad[oa]s?|encomendad[oa]s?|prenotat[oaie]|заказан\w*|"
    r"забронирован\w*"
)
"""What was arranged for an occasion."""
_PAST = lazy(
    r"(?<!\w)(?:was|were|had|did|has(?! to(?!\w))|have been|went|came|got|gave|took|made|told|said|met|saw|found|"
    r"ran|fell|broke|held|"
    r"lost|won|spoke|spent|sent|built|wrote|left|began|became|brought|bought|thought|kept|led|knew|chose|showed|"
    r"sold|rose|drove|flew|grew|taught|caught|felt|heard|stood|drew|threw|ate|sang|"
    rf"(?!(?:{_ARRANGED})(?!\w))"
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
    return TIME_OF_DAY.search(text) is not None


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
    return not tells_later(clause) and (
        is_preparation(clause)
        or _is_time_and_place(clause)
        or (_PLACE.fullmatch(clause) is not None and not names_time(clause))
        or (
            re.search(rf"(?<!\w)(?:{_ARRANGED})(?!\w)", clause, re.IGNORECASE) is not None
            and not _DIGIT.search(clause)
        )
        or names_a_day(clause)
    )


def is_preparation(clause: str) -> bool:
    """Whether a clause tells what to do for an occasion or during it."""
    return _TO_DO.match(clause) is not None or _BEFOREHAND.search(clause) is not None


def _is_time_and_place(clause: str) -> bool:
    clause = without_days(clause)
    without = _CJK_TIME_WORDS.sub(" ", TIME_OF_DAY.sub(" ", clause))
    if not re.search(r"\w", _TIME_WORDS.sub(" ", without)):
        return True
    return without != clause and _PLACE.fullmatch(_LEADING_TIME_WORDS.sub("", without)) is not None
