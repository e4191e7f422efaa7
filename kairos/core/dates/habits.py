"""Recognises sentences about what recurs: "the report shows the sales of yesterday" means the day before each report.

Such a relative day is not a fixed day of the calendar: a date in its place would be wrong from the next day on.
"""

from __future__ import annotations

import re

from kairos.core.text.patterns import lazy

_HABITUAL = lazy(
    r"(?<!\w)(?:shows|displays|contains|compares|processes|holds|selects|returns|understands|parses|turns|covers|"
    r"includes|aggregates|computes|calculates|summari[sz]es|deletes|archives|inserts|creates|freezes|announces|prints|fetches|"
    r"picks|looks at|by default|is the default|default (?:range|period|interval|value|view|date|day)|"
    r"(?:job|bot|cron|script|dashboard|report|view|query|filter|alert|parser|task|timer|widget|chart|newsletter|"
    r"pipeline|import|export|fixture|cache) (?:posts|loads|reports|lists|counts|fires|reads|means|runs|sends|takes|"
    r"uses|exports|imports|schedules|keeps|writes|copies)|"
    r"zeigt|enthält|vergleicht|verarbeitet|lädt|löscht|summiert|listet|postet|"
    r"montre|affiche|contient|compare|traite|charge|supprime|muestra|contiene|procesa|carga|borra|"
    r"mostra|exibe|contém|compara|processa|carrega|apaga|"
    r"показывает|содержит|сравнивает|обрабатывает|загружает|удаляет)(?!\w)"
    r"|显示|展示|统计|汇总|对比|定时|默认|を(?:表示|処理|集計|比較)する",
    re.IGNORECASE,
)
"""What a program, a report or a rule does every time."""
_COMPARISON = lazy(
    r"(?<!\w)(?:compar(?:e|ed|ing|isons?)|vs|versus|measured against|relative to|vergleich\w*|verglichen|par rapport|"
    r"comparad[oa]s?|по сравнению)(?!\w)|相比",
    re.IGNORECASE,
)
_AS_A_RULE = lazy(
    r"(?<!\w)what (?:\w+ ){1,3}(?:yesterday|today|tomorrow)(?!\w)"
    r"|(?<!\w)(?:of|from) (?:yesterday|last (?:night|week|month|year)) (?:are|is|must|should|can|may|have|gets?)(?!\w)"
    r"|(?<!\w)we (?:keep|use|take|roll back|go back) (?!\w+ed)[^.;]{0,60}"
    r"(?:of|from|to) (?:yesterday|last (?:week|month|year))",
    re.IGNORECASE,
)
"""What is done as a rule with things of an earlier day: every time it is another day."""
_CJK_OF_A_DAY = lazy(r"(?:昨天|昨日|明天)[的の]")
_CJK_PAST_TENSE = lazy(r"了|过|已|た[。\s]?$|ました|だった")


def is_habit(sentence: str) -> bool:
    """Whether a sentence is about no particular day, though it has a word for a relative one."""
    if any(pattern.search(sentence) for pattern in (_HABITUAL, _COMPARISON, _AS_A_RULE)):
        return True
    return _CJK_OF_A_DAY.search(sentence) is not None and _CJK_PAST_TENSE.search(sentence) is None
