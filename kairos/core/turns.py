"""Phrases that turn what a text says: its negations, and what tells of a change."""

from __future__ import annotations

import re
from functools import lru_cache

Span = tuple[int, int]
"""A half-open range of characters."""

_FIRST = re.compile(r"(?:^|\|)([^\W\d_]+)(\\w)?")
_RUN = re.compile(r"[^\W\d_]+")
_ELSEWHERE = re.compile(r"['’\u2e80-\U0010ffff]")


class _Phrases:
    """`worded` are alternatives that begin with a word, or with the beginning of one before a `\\w`; `others` are such
    as have an apostrophe or an ideograph.

    Few texts have one. That most have none shows from their words, for a fraction of what the pattern costs.
    """

    def __init__(self, worded: str, others: str) -> None:
        self._pattern = re.compile(rf"\b(?:{worded})\b|{others}", re.IGNORECASE)
        firsts = _FIRST.findall(worded)
        self._words = frozenset(word for word, _ in firsts)
        self._beginnings = tuple(word for word, more in firsts if more)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return where phrases stand in a text."""
        if not _ELSEWHERE.search(text) and not self._may_begin(_runs(text)):
            return ()
        return tuple(match.span() for match in self._pattern.finditer(text))

    def _may_begin(self, runs: frozenset[str]) -> bool:
        return not runs.isdisjoint(self._words) or any(run.startswith(self._beginnings) for run in runs)


_NEGATIONS = _Phrases(
    r"not|no|never|none|neither|nor|without|cannot|nobody|nothing|nowhere|forbidden|banned|avoid|prohibited|disallowed|"
    r"off limits|unless|ignored|excluded|unasked|nicht|kein\w*|nie|niemals|ohne|verboten|weder|ne|pas|jamais|sans|"
    r"aucun\w*|interdit\w*|nunca|sin|ningún\w*|prohibido|não|sem|nenhum\w*|proibido|не|нет|никогда|без|нельзя",
    r"\b\w*n['’]t\b|不|没|禁止|勿|别|ない|ません|なし|無し",
)
_CHANGES = _Phrases(
    r"no longer|not any ?more|any ?more|any longer|replaced|replaces|switched|moved|migrated|changed|renamed|upgraded|"
    r"bumped|raised|lowered|"
    r"since (?=v?\d|version|last|yesterday|then|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|"
    r"as of|as from|effective (?=\d|from|im|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|"
    r"from now on|from today|from here on|from then on|from this|from that (?:day|week|month)|here on|these days|"
    r"now|meanwhile|used to|formerly|previously|superseded|deprecated|obsolete|reverted|extended|postponed|cancelled|"
    r"canceled|dropped|void|back (?=to|on|in|at)|(?:is|are|am|was|were) back|went (?:back|up|down|over|from)|"
    r"up from|down from|(?:is|are|was|were|has|have|been) gone|lifted|abolished|scrapped|swapped|became|retired|"
    r"successor|successors|turned out|after all|relaxed|loosened|tightened|taken out|took over|"
    r"gave up|given up|flipped|reversed|revised|rewritten|rescheduled|withdrawn|withdrew|shifted|in favou?r of|"
    r"in place of|over to|cut to|shortened|doubled|halved|archived|set to|ported|resigned|unblocked|discontinued|"
    r"correction|corrected|"
    r"nicht mehr|kein\w* mehr|nur noch|statt|seit|ab sofort|ab heute|ab jetzt|jetzt|künftig|ersetzt|umgestellt|umgestiegen|"
    r"gewechselt|verlegt|verschoben|abgeschafft|abgeschaltet|aufgehoben|entfällt|angehoben|gesenkt|zurückgezogen|übernommen|"
    r"ne plus|désormais|depuis|dorénavant|remplac\w+|au lieu de|à la place|pass(?:é|ée|és|ées) (?=à|au|aux|de|du|en)|"
    r"n['’]est plus|abandonn\w+|report(?:é|ée|és|ées)|supprim(?:é|ée|és|ées)|à compter d\w+|"
    r"ahora|desde|ya no|ya se puede|reemplaz\w+|sustitu\w+|en lugar de|en vez de|pasa a|pasan a|pasó a|pasaron a|cambi(?:ó|amos|aron|é)|"
    r"se mudó|jubil(?:ó|a|ado|ada)|a partir de|nuev[oa] (?=\w+ (?:es|será))|"
    r"agora|já não|não mais|substitu\w+|no lugar de|em vez de|passa a|passou a|passou para|passa para|mudou|trocou|adiado|adiada|"
    r"теперь|больше не|уже не|вместо|отныне|передумал\w*|переш(?:ёл|ел|ла|ли)|перев(?:ёл|ел|ела|ели)|перен(?:ёс|ес|если|если)|"
    r"перенес\w+|сменил\w*|заменил\w*|отменил\w*|отмен(?:ён|ен|ена|ены)|снизил\w*|увеличил\w*|сдвинул\w*|отказал\w*",
    r"不再|不用再|不必再|改为|改成|改到|改用|改由|改從|换成|換成|换到|调到|調到|调为|作废|作廢|取消|停用|下线|解禁|放宽|放寬|"
    r"推迟到|延长到|增加到|加到|涨到|升级成|现在|現在|今后|以后|从.{1,12}起|もう|今は|今後|以降は|廃止|やめて|やめた|"
    r"に変更|に変わ|に変え|に替え|に切り替え|に乗り換え|に移し|に移った|に上げ|に下げ|に引き上げ|に増え|に減|に戻|へ移|差し替え|から.{0,6}に変更",
)


@lru_cache(maxsize=8192)
def negations(text: str) -> tuple[Span, ...]:
    """Return where a text negates."""
    return _NEGATIONS.spans(text)


@lru_cache(maxsize=8192)
def changes(text: str) -> tuple[Span, ...]:
    """Return where a text tells of a change: "no longer", "since", "instead of"."""
    return _CHANGES.spans(text)


@lru_cache(maxsize=8)
def _runs(text: str) -> frozenset[str]:
    """Return the runs of letters in a text, folded; patterns take both i of Turkish for the same as i."""
    return frozenset(_RUN.findall(text.replace("İ", "i").replace("ı", "i").casefold()))
