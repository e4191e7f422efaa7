"""Recognises texts that say of themselves that they no longer hold.

"No longer needed since the move: water the tunnels" does. What a text says of something else is news that stays: "The
v1 API is no longer supported." So do words that come with what holds instead: "Obsolete, use v2."
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kairos.core.dates.days import without_days
from kairos.core.staleness.beyond import SAYS_MORE, recurs
from kairos.core.text.patterns import lazy

_MOST_SENTENCES = 2  # of a text that is void; more are a note of several lines
_LONGEST = 240  # characters of what is void, and of the reason for it


class Voided(StrEnum):
    """What a text says is void: its whole note, itself, or the rule that it is about."""

    NOTE = "note"
    TEXT = "text"
    RULE = "rule"


_INVALID = (
    r"(?:now |meanwhile |jetzt |inzwischen |nun |désormais |maintenant |ya |agora |ormai |уже )?"
    r"(?:void|moot|obsolete|outdated|out of date|superfluous|invalid|no longer (?:valid|needed|necessary|"
    r"relevant|applicable|true|in force|required)"
    r"|not (?:valid|needed|necessary|relevant|applicable|true|required) any ?more"
    r"|hinfällig|überholt|veraltet|obsolet|gegenstandslos|überflüssig|ungültig|entfällt|nicht mehr zutreffend"
    r"|nicht (?:mehr|länger) (?:gültig|nötig|notwendig|aktuell|erforderlich|relevant)"
    r"|caduque|caduc|obsolètes?|périmée?|sans objet|dépassée?|plus (?:valables?|nécessaires?|d['’]actualité|"
    r"en vigueur)"
    r"|caducad[oa]|obsolet[oa]|(?:queda )?sin efecto|superad[oa]|sem efeito|senza effetto|non più (?:valid[oa]|"
    r"necessari[oa])"
    r"|недействительн\w+|неактуальн\w+|устарел[аои]?|больше не (?:нужн\w+|актуальн\w+|действу\w+)|утратил[аои]? силу)"
)
_NO_LONGER = (
    r"(?:no longer (?:applies|apply|holds?|counts?)|does not (?:apply|hold) any ?more|doesn['’]t (?:apply|"
    r"hold) any ?more"
    r"|gilt (?:nicht mehr|nicht länger)|trifft nicht mehr zu|hat sich erledigt|entfällt|ist nicht mehr (?:gültig|"
    r"nötig|aktuell|erforderlich)"
    r"|n['’]a plus cours|ne (?:s['’]applique|vaut|tient|sert) plus|n['’]est plus (?:valable|nécessaire|"
    r"d['’]actualité|en vigueur)"
    r"|(?:ya )?no (?:vale|rige|se aplica|aplica|es válid[oa]|es necesari[oa]|hace falta)(?: ya| más)?"
    r"|ya no (?:vale|rige|se aplica|aplica|es válid[oa]|es necesari[oa]|hace falta)"
    r"|(?:já )?não (?:vale|se aplica|é (?:mais )?válid[oa]|é (?:mais )?(?:necessári[oa]|precis[oa]))(?: mais)?|"
    r"non (?:vale|si applica) più"
    r"|deixou de (?:valer|ser válid[oa])|ha dejado de (?:valer|ser válid[oa])"
    r"|больше не (?:действует|нужно|нужна|актуально)|не актуально|уже не (?:нужно|действует|актуально))"
)
_NOTE_NOUN = r"(?:note|memory|notiz|merkzettel|fiche|nota|заметка|запись)"
_TEXT_NOUN = (
    r"(?:point|rule|line|entry|item|tip|hint|advice|instruction|step|remark|reminder|paragraph|section|"
    r"workaround|bullet|"
    r"punkt|regel|zeile|eintrag|hinweis|tipp|anweisung|schritt|absatz|abschnitt|vorgabe|merksatz|"
    r"consigne|point|règle|ligne|remarque|astuce|étape|mention|instruction|"
    r"regla|línea|entrada|consejo|instrucción|paso|punto|indicación|regra|linha|dica|instrução|passo|ponto|"
    r"regola|riga|consiglio|istruzione|пункт|правило|строка|совет|указание|шаг)"
)
_THIS = r"(?:this|diese[rs]?|cette|cet|ce|esta|este|esto|essa|esse|questa|questo|эта|этот|это)"
_REASON_WORD = (
    r"(?:since|as|because|with|after|now that|from|seit|seitdem|da|weil|mit|nach|depuis|car|comme|puisque|avec|après|"
    r"desde|porque|ya que|puesto que|pues|con|tras|pois|com|após|dal|da quando|perché|poiché|с тех пор|так как|"
    r"потому что|с|после)"
)
_HEAD = lazy(
    rf"^[\s*_(（\[]*(?:(?P<this>(?:{_THIS}|the) (?P<note>{_NOTE_NOUN})|{_THIS} {_TEXT_NOUN}|"
    rf"(?:{_TEXT_NOUN}|{_NOTE_NOUN})(?= (?:cadu|obsol|périm|void|sans objet|sin efecto|sem efeito|hinfällig))"
    r"|(?P<it>this|that|it|das|dies|es|ceci|cela|ça|esto|eso|isso|isto|questo|это))\s+)?"
    rf"(?:(?:is|are|was|has become|became|ist|wurde|est|est devenue?|es|está|ha quedado|é|è)\s+)?"
    rf"(?:{_INVALID}|{_NO_LONGER})(?!\w)[*_]*(?P<rest>.*)$"
    r"|^[\s*_(（\[]*(?P<cjk>(?:(?:此|本|该|這|这)(?:条|條|项|項|点|點|规则|规定|说明|笔记)?)?(?:已经?)?(?:作废|"
    r"作廢|失效|过时|過時|过期|過期|废止|不再(?:需要|适用|有效|必要))"
    r"|(?:この(?:項目|メモ|注意|ルール|行)は?)?(?:もう)?(?:無効|廃止済み?|不要(?:になった)?|適用されない|"
    r"有効ではない))(?P<cjk_rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_BY_ITSELF = lazy(
    rf"(?:^|[;；,，.]\s*|\s(?:and|so|und|et|y|e|и)\s)\W*(?:(?:{_THIS}|the) (?:(?P<by_note>{_NOTE_NOUN})|{_TEXT_NOUN}) )"
    rf"(?P<about>(?:about|on|for) (?:it|this|that|them) |dazu |darüber |à ce sujet |là-dessus |sobre (?:ello|esto|"
    rf"eso|isso|"
    rf"isto) |al riguardo |об этом )?(?:(?:is|ist|est|es|"
    rf"está|é|è) )?"
    rf"(?:{_INVALID}|{_NO_LONGER})\W*$",
    re.IGNORECASE,
)
"""A last clause about the text itself: "…; cette note n'a plus cours"."""
_RULE = lazy(
    rf"^\W*(?:the|our|der|die|das|la|le|l['’]|el|los|las|o|a|il|lo)\s*(?:{_TEXT_NOUN}|setting|option|flag|trick|"
    rf"hack|detour|umweg|kniff|"
    rf"einstellung|schalter|réglage|détour|ajuste|truco|rodeo|configuração|ajuste|"
    rf"настройка)(?!\w)(?P<what>[^.]{{0,160}}?)\s+"
    rf"(?:(?:is|has become|ist|est|es|está|é|è)\s+)?(?:{_INVALID}|{_NO_LONGER})(?!\w)\s*[,;]?\s*(?P<reason>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_INSTEAD = lazy(
    r"(?<!\w)(?:use[sd]?|using|instead|see|replaced by|superseded by|in favou?r of|go(?:es)? (?:to|through)|"
    r"now(?! that)|from now on|"
    r"nutze\w*|verwende\w*|stattdessen|siehe|ersetzt durch|jetzt|erledigt|macht|"
    r"utilise[rz]?|à la place|voir|remplacée?s? par|désormais|maintenant|"
    r"usar|use|usa|en su lugar|en vez|ver|reemplazad[oa] por|sustituid[oa] por|ahora|em vez|agora|substituíd[oa] por|"
    r"usare|invece|adesso|sostituit[oa] da|используй\w*|вместо|теперь|смотри|заменен[оа]? на)(?!\w)"
    r"|改用|请用|使用|参见|代わりに|を使",
    re.IGNORECASE,
)
"""Tells what holds instead."""
_INSTEAD_OF_IT = lazy(
    r"(?<!\w)(?:instead|stattdessen|à la place|en su lugar|em vez|invece|вместо)(?!\w)|代わりに|^\W*改用",
    re.IGNORECASE,
)
_OFFERS = lazy(
    r"^\W*(?:use|see|switch|prefer|try|go|now|instead|nutze\w*|verwende\w*|siehe|jetzt|utilise[rz]?|voir|passer|"
    r"usar?|ver|"
    r"ahora|agora|usare|используй\w*|теперь)(?!\w)"
    r"|^\W*(?:改用|请用|使用)",
    re.IGNORECASE,
)
"""What may be advice in place of what is void, rather than what is void."""
_ASKS = lazy(
    r"^\W*(?:remove|delete|drop|clean up|lösche\w*|entferne\w*|supprimer|effacer|enlever|borrar|eliminar|quitar|"
    r"apagar|remover|"
    r"удали\w*|删除|删掉|削除)",
    re.IGNORECASE,
)
"""Asks for something because of that."""
_HEDGED = lazy(
    r"(?<!\w)(?:if|unless|when|once|maybe|perhaps|probably|partly|partially|except|only|soon|will|wenn|falls|sobald|"
    r"vielleicht|teilweise|nur|bald|si|sauf|peut-être|bientôt|en partie|sólo|solo|salvo|quizás?|pronto|se|talvez|"
    r"apenas|"
    r"exceto|forse|если|возможно|частично|скоро|кроме)(?!\w)|如果|也许|部分|除了|もし|一部",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"^\W*[(（](?P<said>[^()（）]+)[)）]\W*$")
_COLON = re.compile(r"[:：]\s")
_WIDE_COLON = re.compile(r"[:：]\s*")
_LINKS = re.compile(rf"^\s*(?:[,;，；、.。:：(（)）]|{_REASON_WORD}(?!\w)|[自因由从從]|$)", re.IGNORECASE)
"""What follows the words that say so: the reason, what is void, or nothing. "Obsolete tests" are something else."""
_LIST_OR_NAME = re.compile(
    r"\W*(?:`[^`]+`|[\w.-]+)(?:\s*(?:,|、|and|und|et|y|e|и|or)\s*(?:`[^`]+`|[\w.-]+))*\W*"
)


_HINTS = tuple(
    "no longer/any more/anymore/out of date/superfluous/void/moot/obsol/outdated/invalid/hinfällig/überholt/"
    "veraltet/gegenstandslos/überflüssig/entfällt/hat sich erledigt/nicht mehr/nicht länger/ungültig/trifft nicht/"
    "cadu/périm/sans objet/dépass/ plus/ya no/no vale/no rige/no se aplica/no aplica/no es v/no es n/"
    "no hace falta/sin efecto/sem efeito/superad/não /senza effetto/ più/недейств/актуал/устарел/больше не/"
    "уже не/deixou de/ha dejado/утратил/作废/作廢/失效/过时/過時/过期/過期/废止/不再/無効/廃止/"
    "不要/適用されない/有効ではない".split("/")
)
"""Any text that says of itself that it no longer holds contains one of these."""


def may_be_void(text: str) -> bool:
    """A quick check: whether a text can say of itself that it no longer holds."""
    lowered = text.casefold()
    return any(hint in lowered for hint in _HINTS)


def voided(sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    """Return what a text says is void, the sentence that says so, and the doubt ("" for none); else None.

    `sentences` are all that the text says: none, if it is a thematic break or a lone mark.
    """
    if not sentences or any(len(sentence) > 2 * _LONGEST for sentence in sentences):
        return None
    first, last = sentences[0], sentences[-1]
    for sentence in sentences:
        if (clause := _BY_ITSELF.search(sentence)) and not _HEDGED.search(sentence):
            return _by_itself(clause, sentence, sentences)
    if len(sentences) > 1 and ((inner := _BRACKETS.match(last)) or _Head.of(last)):
        return _said_behind(inner["said"] if inner else last, sentences)
    inner = _BRACKETS.match(first)
    if (found := _Head.of(inner["said"] if inner else first)) is not None:
        return _said_ahead(found, sentences)
    rule = _RULE.match(first) if len(sentences) == 1 else None
    if rule and rule["reason"] and not _INSTEAD.search(rule["reason"]) and not _HEDGED.search(rule["reason"]):
        return Voided.RULE, first, "what it says of the rule may be news elsewhere"
    return None


@dataclass(frozen=True, slots=True)
class _Head:
    """The words at the head of a text that say that it is void: what of it, whether they name it, and the rest."""

    what: Voided
    named: bool
    by_pronoun: bool
    rest: str

    @staticmethod
    def of(text: str) -> _Head | None:
        """Return how a text begins that says that it is void; None if it does not."""
        match = _HEAD.match(text)
        if match is None:
            return None
        rest = match["rest"] if match["rest"] is not None else match["cjk_rest"] or ""
        if not (_LINKS.match(rest) or _WIDE_COLON.match(rest.lstrip())):
            return None
        what = Voided.NOTE if match["note"] else Voided.TEXT
        return _Head(what, match["this"] is not None, match["it"] is not None, rest)


def _said_ahead(head: _Head, sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    """Judge a text that begins by saying that it is void: "No longer valid since May: …"."""
    colon = (_WIDE_COLON if "：" in head.rest else _COLON).search(head.rest)
    reason, said = (head.rest[: colon.start()], head.rest[colon.end() :]) if colon else (head.rest, "")
    if head.what is Voided.NOTE:  # what stands after the colon is the reason
        doubt = _doubt_about_reason(head.rest)
        return None if doubt is None else (head.what, sentences[0], doubt)
    doubt = _doubt_about_reason(reason)
    whole = "; ".join((said, *sentences[1:]))
    behind = doubt == _NO_REASON and len(sentences) <= _MOST_SENTENCES and _reason_behind(whole)
    if (
        not said.strip(_EDGES)
        or doubt is None
        or len(sentences) > _MOST_SENTENCES
        or _ASKS.match(said)
        or _INSTEAD_OF_IT.search(said)
    ):
        return None  # without a text after it, it is about what stands around it
    if head.by_pronoun:
        doubt = "it may say what holds instead"
    elif behind:
        return head.what, sentences[0], _doubt_about_retracted(whole.removesuffix(behind), gone=True)
    elif not head.named:
        doubt = _doubt_about_retracted(said) or doubt
    return head.what, sentences[0], doubt or ("" if len(sentences) == 1 else SAYS_MORE)


def _said_behind(remark: str, sentences: Sequence[str]) -> tuple[Voided, str, str] | None:
    """Judge a text whose last sentence, in brackets, may say that it is void: "… (Obsolete, it was sold in May.)"."""
    head = _Head.of(remark)
    if (
        head is None
        or head.what is Voided.NOTE
        or len(sentences) > _MOST_SENTENCES
        or _COLON.search(head.rest)
    ):
        return None
    doubt = _doubt_about_reason(head.rest)
    if doubt is None:
        return None
    only = len(sentences) == 2
    retracted = sentences[0][:1].lower() + sentences[0][1:]  # as it would stand after a colon
    return head.what, sentences[-1], _doubt_about_retracted(retracted) or doubt or ("" if only else SAYS_MORE)


def _by_itself(
    clause: re.Match[str], sentence: str, sentences: Sequence[str]
) -> tuple[Voided, str, str] | None:
    """Judge a text of which one clause only says that it, or its note, is void."""
    what = Voided.NOTE if clause["by_note"] and not clause["about"] else Voided.TEXT
    if what is Voided.TEXT and len(sentences) > _MOST_SENTENCES:
        return None
    said = [other if other != sentence else sentence[: clause.start()] for other in sentences]
    if not any(re.search(r"\w", text) and _doubt_about_reason(text) is not None for text in said):
        return what, sentence, _NO_REASON
    if clause["about"]:
        return what, sentence, "it may speak of another note"
    return what, sentence, "" if what is Voided.NOTE or len(sentences) == 1 else SAYS_MORE


_NO_REASON = "it does not say why"


def _doubt_about_reason(reason: str) -> str | None:
    """Return why the reason for which something is void leaves doubt; "" if it does not, None if it says what holds."""
    if _INSTEAD.search(reason) or _HEDGED.search(reason):
        return None
    if not re.search(r"\w", _REPEATED.sub("", reason)):
        return _NO_REASON
    return SAYS_MORE if len(reason) > _LONGEST else ""


_REPEATED = lazy(
    rf"(?<!\w)(?:{_INVALID}|{_NO_LONGER})(?!\w)|(?<!\w)(?:and|und|et|y|e|и)(?!\w)", re.IGNORECASE
)
_GONE = lazy(
    r"(?<!\w)(?:deleted|removed|switched off|shut down|turned off|closed|sold|scrapped|fixed|ended|cancelled|canceled|"
    r"dismantled|demolished|retired|decommissioned|resolved|withdrawn|dissolved|gelöscht|entfernt|abgeschaltet|"
    r"abgerissen|abgebaut|verkauft|behoben|eingestellt|aufgelöst|stillgelegt|supprimée?s?|coupée?s?|vendue?s?|"
    r"fermée?s?|"
    r"corrigée?s?|démontée?s?|résolue?s?|borrad[oa]s?|eliminad[oa]s?|apagad[oa]s?|vendid[oa]s?|cerrad[oa]s?|"
    r"corregid[oa]s?|desmontad[oa]s?|resuelt[oa]s?|removid[oa]s?|desligad[oa]s?|fechad[oa]s?|corrigid[oa]s?|"
    r"eliminat[oaie]|rimoss[oaie]|spent[oaie]|vendut[oaie]|chius[oaie]|corrett[oaie]|risolt[oaie]|удал[её]н\w*|"
    r"отключ[её]н\w*|продан\w*|закрыт\w*|исправлен\w*|снес[её]н\w*)(?!\w)|已(?:经)?(?:删除|关闭|下线|修复|出售|拆除)|"
    r"(?:删除|关闭|下线|修复|拆除)了|(?:削除|閉鎖|修正)(?:済み|され)",
    re.IGNORECASE,
)
"""What became of a thing because of which nothing holds any more that was said of it."""
_UNDONE = lazy(
    r"(?<!\w)(?:each|every|always|whenever|jede[nrsm]?|immer|chaque|toujours|cada|siempre|sempre|ogni|кажд\w+|всегда|"
    r"not|never|no one|nobody|almost|nearly|nicht|nie|niemand|fast|pas|jamais|presque|no|nunca|casi|não|"
    r"quase|"
    r"non|(?<!en )(?-i:mai)|quasi|не|почти|new\w*|neue?[nrsm]?|nouve\w+|nuev\w+|nov[oa]s?|nuov\w+|нов\w+|moved|"
    r"renamed|changed|"
    r"replaced|verschoben|umbenannt|geändert|sold to|verkauft an|vendue?s? à|vendid[oa]s? a|vendut[oaie] a|to be|"
    r"should|must|has|wird|werden|soll\w*|muss|sera|será|sarà|будет|"
    r"is|are|ist|sind|est|sont|es|son|está\w*|é|è|são|sono|whether|ask|check|verify|ob|frag\w*|prüf\w*|demand\w+|"
    r"pregunt\w+|pergunt\w+|chied\w+|спроси\w*|and|but|und|"
    r"aber|et|mais|y|"
    r"pero|e|mas|ma|и|но)(?!\w)|没|未|新",
    re.IGNORECASE,
)
"""Tells that it is not gone, what there is in its place, or something else besides."""
_WHEN_GONE = lazy(r"(?<!\w)((?:was|were) \w+(?: \w+)?) (?:when|once)(?!\w)", re.IGNORECASE)
"""Not a condition: "was deleted when the patch was taken"."""
_VERSION = re.compile(r"(?<![\w.])v?\d+(?:\.\d+)+(?![\w.])|(?<!\w)v\d+(?!\w)", re.IGNORECASE)
_BEHIND = re.compile(r"(?:[;；]|\s[—–-]\s|(?<=\w):\s)(?P<reason>[^;；]+)$")


def _reason_behind(said: str) -> str:
    """Return the last part of a text, after a semicolon or a dash, if it says that something is gone; else ""."""
    found = _BEHIND.search(said)
    if found is None or _doubt_about_reason(_WHEN_GONE.sub(r"\1", found["reason"])) != "":
        return ""
    reason = _VOID.sub("", found["reason"])
    if recurs(reason) or _UNDONE.search(reason) or re.search(r"\d", _VERSION.sub("", without_days(reason))):
        return ""
    parts = [part for part in re.split(r"[,，]\s*", found["reason"]) if re.search(r"\w", part)]
    gone = any(_GONE.search(part) for part in parts)
    return found[0] if gone and all(_GONE.search(part) or _VOID.search(part) for part in parts) else ""


_VOID = lazy(rf"(?<!\w)(?:{_INVALID}|{_NO_LONGER})(?!\w)", re.IGNORECASE)


def _doubt_about_retracted(text: str, *, gone: bool = False) -> str:
    """Return why a text may not be what is void, but what is void may be named in it, or what holds instead.

    `gone`: it is told what became of the things that the text names.
    """
    if _OFFERS.search(text):
        return "it may say what holds instead"
    if (len(text.split()) < _ENOUGH_WORDS and not _WIDE.search(text)) if gone else _names_only(text):
        return "it may be about the things that it names"
    return SAYS_MORE if len(text) > _LONGEST else ""


def retracted_text(sentences: Sequence[str]) -> str:
    """Return what a text that says that it is void says besides, without the words for that and the reason."""
    first, last = sentences[0], sentences[-1]
    if len(sentences) > 1 and (_BRACKETS.match(last) or _Head.of(last)):
        return " ".join(sentences[:-1])
    colon = (_WIDE_COLON if "：" in first else _COLON).search(first)
    said = "; ".join((first[colon.end() :] if colon else first, *sentences[1:]))
    return said.removesuffix(_reason_behind(said))


_EDGES = " )）*_."


_ENOUGH_WORDS = 4
_WIDE = re.compile(r"[぀-ヿ㐀-鿿]")


def _names_only(text: str) -> bool:
    """Whether a text only names things, rather than saying something: "Node 16, Node 18", "the VPN for staging"."""
    if _WIDE.search(text):
        return len(_WIDE.findall(text)) < 2 * _ENOUGH_WORDS or "、" in text
    if _LIST_OR_NAME.fullmatch(text):
        return True
    words = text.split()
    opens_with_name = re.match(
        r"\W*(?:the|a|an|all|our|der|die|das|alle|les?|la|l['’]|el|los|las|os?|as?|il|i|gli)\s|\W*[A-ZА-ЯÀ-Þ0-9]",
        text,
    )
    return len(words) < _ENOUGH_WORDS or (opens_with_name is not None and not _SAYS.search(text))


_SAYS = lazy(
    r"(?<!\w)(?:is|are|has|have|must|should|may|can|will|does|do|don['’]t|needs?|runs?|goes|comes|gets?|stays?|"
    r"uses?|lies|"
    r"ist|sind|hat|haben|muss|müssen|soll\w*|darf|kann|wird|werden|läuft|liegt|bleibt|est|sont|a|ont|doi(?:t|"
    r"vent)|peut|va|"
    r"es|son|está\w*|tiene\w*|deben?|puede\w*|va|hay|é|são|tem|têm|deve\w*|pode\w*|fica\w*|sono|ha|hanno|può|va|"
    r"есть|должн\w+|можно|нужно|надо|нельзя)(?!\w)",
    re.IGNORECASE,
)
