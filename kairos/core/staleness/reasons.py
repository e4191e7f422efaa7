"""Tells apart why something no longer holds: what ended it, what there is instead, or a condition."""

from __future__ import annotations

import re

from kairos.core.dates.days import without_days
from kairos.core.staleness.beyond import SAYS_MORE, recurs
from kairos.core.staleness.invalidity import INVALID, NO_LONGER, REASON_WORD
from kairos.core.text.patterns import lazy

_INSTEAD = lazy(
    r"(?<!\w)(?:use[sd]?|using|instead|see|replaced by|superseded by|in favou?r of|go(?:es)? (?:to|through)|"
    r"now(?! that)|from now on|do(?:es)? (?:it|this|that)|handles?|takes? over|took over|takes? care of|"
    r"übernimmt|übernahm|kümmert sich|s['’]en (?:occupe|charge)|lo hace|se encarga|faz isso|trata disso|lo fa|"
    r"se ne occupa|занимается|"
    r"nutze\w*|verwende\w*|stattdessen|siehe|ersetzt durch|jetzt|erledigt|macht|"
    r"utilise[rz]?|à la place|voir|remplacée?s? par|désormais|maintenant|"
    r"usar|use|usa|en su lugar|en vez|ver|reemplazad[oa] por|sustituid[oa] por|ahora|em vez|agora|substituíd[oa] por|"
    r"usare|invece|adesso|sostituit[oa] da|используй\w*|вместо|теперь|смотри|заменен[оа]? на)(?!\w)"
    r"|改用|请用|使用|参见|代わりに|を使",
    re.IGNORECASE,
)
"""Tells what holds instead."""
_OFFERS = lazy(
    r"^\W*(?:use|see|switch|prefer|try|go|now(?! that(?!\w))|instead|nutze\w*|verwende\w*|siehe|jetzt|"
    r"utilise[rz]?|voir|passer|"
    r"usar?|ver|"
    r"ahora|agora|usare|используй\w*|теперь)(?!\w)"
    r"|^\W*(?:改用|请用|使用)",
    re.IGNORECASE,
)
"""What may be advice in place of what is void, rather than what is void."""
_HEDGED = lazy(
    r"(?<!\w)(?:if|unless|when|once|maybe|perhaps|probably|partly|partially|except|only|soon|will|wenn|falls|sobald|"
    r"vielleicht|teilweise|nur|bald|si|sauf|peut-être|bientôt|en partie|sólo|solo|salvo|quizás?|pronto|se|talvez|"
    r"apenas|"
    r"exceto|forse|если|возможно|частично|скоро|кроме)(?!\w)|如果|也许|部分|除了|もし|一部",
    re.IGNORECASE,
)
_REPEATED = lazy(rf"(?<!\w)(?:{INVALID}|{NO_LONGER})(?!\w)|(?<!\w)(?:and|und|et|y|e|и)(?!\w)", re.IGNORECASE)
_GONE = lazy(
    r"(?<!\w)(?:deleted|removed|switched off|shut down|turned off|closed|sold|scrapped|fixed|ended|cancelled|canceled|"
    r"repaired|replaced(?! (?:by|with)(?!\w))|returned|went back|given back|sealed|"
    r"dismantled|demolished|retired|decommissioned|resolved|withdrawn|dissolved|gelöscht|entfernt|abgeschaltet|"
    r"abgerissen|abgebaut|verkauft|behoben|eingestellt|aufgelöst|stillgelegt|supprimée?s?|coupée?s?|vendue?s?|"
    r"fermée?s?|"
    r"corrigée?s?|démontée?s?|résolue?s?|borrad[oa]s?|eliminad[oa]s?|apagad[oa]s?|vendid[oa]s?|cerrad[oa]s?|"
    r"corregid[oa]s?|desmontad[oa]s?|resuelt[oa]s?|removid[oa]s?|desligad[oa]s?|fechad[oa]s?|corrigid[oa]s?|"
    r"eliminat[oaie]|rimoss[oaie]|spent[oaie]|vendut[oaie]|chius[oaie]|corrett[oaie]|risolt[oaie]|удал[её]н\w*|"
    r"отключ[её]н\w*|продан\w*|закрыт\w*|исправлен\w*|снес[её]н\w*|"
    r"repariert|ersetzt(?! durch(?!\w))|ausgetauscht|zurückgegeben|réparée?s?|remplacée?s?(?! par(?!\w))|rendue?s?|"
    r"reparad[oa]s?|arreglad[oa]s?|(?:reemplazad|sustituid|substituíd)[oa]s?(?! p[oe]r(?!\w))|devuelt[oa]s?|"
    r"devolvid[oa]s?|consertad[oa]s?|riparat[oaie]|sostituit[oaie](?! (?:da|con)(?!\w))|restituit[oaie]|"
    r"отремонтирован\w*|починен\w*|замен[её]н\w*(?! на(?!\w))|возвращ[её]н\w*|"
    r"reparó|arregló|corrigió|vendió|retiró|corrigiu|consertou|arrumou|vendeu|riparò|corresse|"
    r"исправил\w*|починил\w*|продал\w*)(?!\w)|已(?:经)?(?:删除|关闭|下线|修复|修好|更换|归还|出售|拆除)|"
    r"(?:删除|关闭|下线|修复|修好|更换|拆除)了|(?:削除|閉鎖|修正|修理|交換|返却)(?:済み|され)",
    re.IGNORECASE,
)
"""What became of a thing because of which nothing holds any more that was said of it."""
_UNDONE = lazy(
    r"(?<!\w)(?:each|every|always|whenever|jede[nrsm]?|immer|chaque|toujours|cada|siempre|sempre|ogni|кажд\w+|всегда|"
    r"not|never|no one|nobody|almost|nearly|nicht|nie|niemand|fast|pas|jamais|presque|no|nunca|casi|não|"
    r"quase|"
    r"non|(?<!en )(?-i:mai)|quasi|не|почти|new\w*|neue?[nrsm]?|nouve\w+|nuev\w+|nov[oa]s?|nuov\w+|нов\w+|moved|"
    r"renamed|changed|"
    r"replaced (?:by|with)|ersetzt durch|verschoben|umbenannt|geändert|sold to|verkauft an|vendue?s? à|vendid[oa]s? a|"
    r"vendut[oaie] a|to be|"
    r"should|must|has|wird|werden|soll\w*|muss|sera|será|sarà|будет|"
    r"is|are|ist|sind|est|sont|es(?! wurden?(?!\w))|son|está\w*|é|è(?! stat[oa](?!\w))|são|sono(?! stat[ei](?!\w))|"
    r"whether|ask|check|verify|ob|frag\w*|prüf\w*|demand\w+|"
    r"pregunt\w+|pergunt\w+|chied\w+|спроси\w*|and|but|und|"
    r"aber|et|mais|y|"
    r"pero|e|mas|ma|и|но)(?!\w)|没|未|新",
    re.IGNORECASE,
)
"""Tells that it is not gone, what there is in its place, or something else besides."""
_WHEN_GONE = lazy(r"(?<!\w)((?:was|were) \w+(?: \w+)?) (?:when|once)(?!\w)", re.IGNORECASE)
"""Not a condition: "was deleted when the patch was taken"."""
_VERSION = re.compile(r"(?<![\w.])v?\d+(?:\.\d+)+(?!\w|\.\w)|(?<!\w)v\d+(?!\w)", re.IGNORECASE)
_VERSION_WORD = lazy(r"(?<!\w)(?:version|versión|versão|versione|версии)\s+\d+(?!\w|\.\w)", re.IGNORECASE)
_BEHIND = re.compile(r"(?:[;；]|\s[—–-]\s|(?<=\w):\s)(?P<reason>[^;；]+)$")
_BRACKETS_BEHIND = re.compile(r"(?:;\s*)?[(（](?P<reason>[^()（）]+)[)）]\W*$")
_CAUSE = lazy(rf"^\W*(?:{REASON_WORD}(?!\w)|[自因由从從])", re.IGNORECASE)
_SINCE = lazy(
    r"^\W*(?:since|because|now that|seit|seitdem|weil|depuis|parce qu|desde|porque|ya que|da quando|perché|poiché|"
    r"с тех пор|так как|потому что)(?!\w)|^\W*(?:自从|因为|由于)",
    re.IGNORECASE,
)
"""Opens a reason wherever it stands, while "with" or "after" may tell how or when something is done."""
_AND = lazy(r"(?<!\w)(?:and|but|und|aber|et|mais|y|pero|e|mas|ma|и|но)(?!\w)", re.IGNORECASE)
_STANDS_HERE = lazy(
    r"(?<!\w)(?:(?:only )?(?:still )?(?:kept|left) (?:here|in|only|by mistake|for (?:reference|the record|history))|"
    r"(?:only )?still here|(?:nur )?(?:noch )?(?:aus versehen|versehentlich)|(?:nur )?noch hier|"
    r"(?:laissée?s?|gardée?s?|conservée?s?) (?:ici|par|pour|seulement)|(?:sólo |solo )?queda aquí|"
    r"(?:dejad[oa]s?|guardad[oa]s?|conservad[oa]s?|mantid[oa]s?|deixad[oa]s?) (?:aquí|aqui|sólo|só|solo|por|para)|"
    r"(?:lasciat|conservat)[oaie] (?:qui|solo|per)|оставлен\w*)(?!\w)[^,;:()：；（）]*",
    re.IGNORECASE,
)
"""Tells why it still stands here, which is no reason why it no longer holds."""
_VOID = lazy(rf"(?<!\w)(?:{INVALID}|{NO_LONGER})(?!\w)", re.IGNORECASE)
LONGEST = 240
"""Characters of a reason, and of what is void."""
NO_REASON = "it does not say why"
INSTEAD_HOLDS = "it may say what holds instead"


def offers(text: str) -> bool:
    """Whether a text opens with what is to be done in place of something: "use v2"."""
    return _OFFERS.search(text) is not None


def is_hedged(text: str) -> bool:
    """Whether a text bounds what it says by a condition or a part: "if", "only", "maybe"."""
    return _HEDGED.search(text) is not None


def doubt_about_reason(reason: str) -> str | None:
    """Return why the reason for which something is void leaves doubt, "" if it does not; None if it is no reason.

    A condition is none, nor is what is to be done instead.
    """
    reason = _STANDS_HERE.sub("", reason)
    if _HEDGED.search(reason) or _OFFERS.search(reason):
        return None
    if _INSTEAD.search(reason):
        return INSTEAD_HOLDS
    if not re.search(r"\w", _REPEATED.sub("", reason)):
        return NO_REASON
    return SAYS_MORE if len(reason) > LONGEST else ""


def ends_it(reason: str) -> bool:
    """Whether a reason tells nothing but what ended something: "since version 4.1", "it was sold in May"."""
    if doubt_about_reason(_WHEN_GONE.sub(r"\1", reason)) != "":
        return False
    said = _VERSION.sub("", _VERSION_WORD.sub("", without_days(_VOID.sub("", reason))))
    if recurs(said) or re.search(r"[\d`]", said):
        return False
    parts = _parts(reason)
    if _CAUSE.match(reason) and len(parts) == 1 and not _AND.search(reason):
        return True
    gone = [part for part in parts if _GONE.search(part)]
    return (
        bool(gone) and not _UNDONE.search(said) and all(part in gone or _VOID.search(part) for part in parts)
    )


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,，;；]\s*|\s[—–-]\s", text) if re.search(r"\w", part)]


def reason_behind(said: str) -> str:
    """Return the part at the end of a text, in brackets or after a mark, that tells what ended it; else ""."""
    for pattern in (_BRACKETS_BEHIND, _BEHIND):
        found = pattern.search(said)
        if found is None or not ends_it(found["reason"]):
            continue
        if _GONE.search(found["reason"]) or _SINCE.match(found["reason"]):
            return found[0]
    return ""
