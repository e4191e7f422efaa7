"""Recognises remarks that say nothing but that a task is done, with the day and who did it.

"Done on the 10th by Ruben" is one. Anything else in such a remark is an outcome that somebody may need: "Done, the new
code is in the safe."
"""

from __future__ import annotations

import re

from kairos.core.dates.days import without_days
from kairos.core.text.patterns import lazy

_LONGEST_REMARK = 80  # characters
_STEM = 4
"""So many first letters make a regular participle the verb of the task: "renew the card" and "renewed"."""
_DAY_OF_MONTH = lazy(
    r"(?<!\w)(?:(?:on|by|am|seit|le|el|em|a|il|dia|día|no dia|el día)\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th|er|º|\.)?"
    r"|(?:the\s+)?\d{1,2}(?:st|nd|rd|th))(?![\w:/-])",
    re.IGNORECASE,
)
"""A day without its month: "on the 10th", "am 11.", "le 14"."""
_WEEKDAY = lazy(
    r"(?<!\w)(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    r"(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|в (?:понедельник|вторник|среду|четверг|пятницу|субботу|"
    r"воскресенье))"
    r"(?!\w)",
    re.IGNORECASE,
)
_AGENT = re.compile(
    r"(?<!\w)(?:by|von|durch|par|por|da|dal|с|от)\s+[^\W\d_a-zа-яß-öø-ÿ]\w+(?:\s[^\W\d_a-zа-яß-öø-ÿ]\w+)?"
)
"""Who did it: "by Ruben", "durch Frau Uhl"."""
_DONE = lazy(
    r"done|finished|completed|sent|submitted|filed|paid|ordered|booked|registered|renewed|delivered|uploaded|posted|"
    r"mailed|signed|replaced|rotated|changed|updated|installed|returned|fixed|happened|handed|written|printed|collected|"
    r"serviced|repaired|"
    r"erledigt|gemacht|getan|fertig|geschehen|passiert|abgeschickt|geschickt|gesendet|verschickt|eingereicht|"
    r"abgegeben|"
    r"bezahlt|bestellt|gebucht|angemeldet|verlängert|erneuert|getauscht|ersetzt|abgeschlossen|"
    r"faite?s?|envoyée?s?|déposée?s?|payée?s?|commandée?s?|réservée?s?|rendue?s?|remise?s?|terminée?s?|renouvelée?s?|"
    r"réglée?s?|hech[oa]s?|enviad[oa]s?|presentad[oa]s?|pagad[oa]s?|entregad[oa]s?|terminad[oa]s?|renovad[oa]s?|"
    r"pedid[oa]s?|reservad[oa]s?|cambiad[oa]s?|feit[oa]s?|pag[oa]s?|entregues?|concluíd[oa]s?|trocad[oa]s?|"
    r"fatt[oa]|inviat[oa]|pagat[oa]|consegnat[oa]|completat[oa]|rinnovat[oa]|"
    r"сделан[оаы]?|готово|отправлен[оаы]?|оплачен[оаы]?|подан[оаы]?|выполнен[оаы]?|продлен[оаы]?|продлён|"
    r"заменен[оаы]?",
    re.IGNORECASE,
)
_SIMPLY_DONE = lazy(
    r"done|finished|completed|erledigt|gemacht|getan|fertig|geschehen|abgeschlossen|faite?s?|terminée?s?|hech[oa]s?|"
    r"terminad[oa]s?|feit[oa]s?|concluíd[oa]s?|fatt[oa]|completat[oa]|сделан[оаы]?|готово|выполнен[оаы]?",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(r"\w{2,}(?:ed|[éi]e?s?|[aiu]d[oa]s?|[aiu]t[oaie]|[аеё]н[оаы]?)", re.IGNORECASE)
"""How a participle ends in English, French, Spanish, Portuguese, Italian and Russian."""
_IRREGULAR = {
    "bought": "buy", "brought": "bring", "built": "build", "chosen": "choose", "cut": "cut", "drawn": "draw",
    "found": "find", "given": "give", "held": "hold", "made": "make", "met": "meet", "put": "put", "read": "read",
    "rewritten": "rewrite", "sent": "send", "set": "set", "shown": "show", "sold": "sell", "spoken": "speak",
    "taken": "take", "taught": "teach", "told": "tell", "withdrawn": "withdraw", "written": "write",
}  # fmt: skip
"""Participles that do not end in "ed", and their verbs."""
_GERMAN_PARTICIPLE = re.compile(r"^(\w{0,4}?)ge(?=\w{2,}(?:t|en)$)", re.IGNORECASE)
"""The "ge" of a German participle: "abgegeben" is "abgeben"."""
_FILLER = frozenset(
    "it this that they we i was were is has have been got all both "
    "already off in out up on at time ist wurde wurden hat schon bereits "
    "alles rechtzeitig c'est c’est est a été déjà tout temps à se ha hizo ya fue está todo tiempo já foi è stato "
    "stata già "
    "уже было был была всё вовремя und and".split()
)
_DONE_CJK = re.compile(
    r"\W*(?:已经?)?(?:于|在)?[\Wにはで]*(?:[㐀-鿿]{0,3}(?:完成|完毕|完畢|办妥|辦妥|换好|[办做交写填装修改寄付][完好])了?"
    r"|已(?:经)?(?:提交|支付|付款|付清|续费|更新|更换|发送|寄出|交付|办理|缴纳|签署|预订|订购|报名|登记|安装|归还)了?"
    r"|(?:寄|发|送|交)(?:出|给\w{1,6})了?"
    r"|(?:[㐀-鿿ァ-ヶー]{0,4}(?:済み?|完了)(?:です|した|しました)?))\W*"
)
_NOT_DONE_CJK = re.compile(r"[没未不尚半]|部分|一部|まだ|ない")
_PUNCTUATION = " \t\n.,;:!—–-()[]（）。，；：✅✓✔*_"
_WORD = re.compile(r"[^\s,.;:!—–()（）]+")


def is_completion(remark: str, task: str, *, called_task: bool) -> bool:
    """Whether a remark says only that `task` is done, on which day, and by whom.

    Where nothing else calls it a task, a remark must say "done", or repeat what was to do: "The rule applies before
    May. Changed in June." is no finished task.
    """
    if len(remark) > _LONGEST_REMARK:
        return False
    text = _without_days(remark)
    if _NOT_DONE_CJK.search(text):
        return False
    if _DONE_CJK.fullmatch(text):
        return True
    text = _AGENT.sub(" ", text).strip(_PUNCTUATION)
    words = _WORD.findall(text)
    known = _DONE if called_task else _SIMPLY_DONE
    done = [word for word in words if known.fullmatch(word) or _repeats_verb(word, task)]
    return bool(done) and all(word in done or word.casefold() in _FILLER for word in words)


def repeats_order(remark: str, task: str) -> bool:
    """Whether a remark repeats the verb with which a task opens: "sent" after "Send the corrected invoice"."""
    opening = _WORD.search(task)
    return opening is not None and any(_repeats_verb(word, opening[0]) for word in _WORD.findall(remark))


def _without_days(text: str) -> str:
    text = _WEEKDAY.sub(" ", _DAY_OF_MONTH.sub(" ", without_days(text)))
    return re.sub(
        r"(?<!\w)(?:on|by|am|le|el|em|il|dia|no|в|于)(?=\s*(?:[.,;)]|$))", " ", text, flags=re.IGNORECASE
    )


def _repeats_verb(word: str, task: str) -> bool:
    """Whether a participle repeats a verb of the task: "Renewed" after "renew the dog licence"."""
    if (verb := _IRREGULAR.get(word.casefold())) is not None:
        return re.search(rf"(?<!\w){verb}(?!\w)", task, re.IGNORECASE) is not None
    plain = _GERMAN_PARTICIPLE.sub(r"\1", word)
    stem = plain[:_STEM].casefold()
    return (plain != word or _PARTICIPLE.fullmatch(word) is not None) and re.search(
        rf"(?<!\w){re.escape(stem)}", task, re.IGNORECASE
    ) is not None
