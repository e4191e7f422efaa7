"""Phrases that turn what a text says: negations, and phrases that tell of a change."""

from __future__ import annotations

import re

from kairos.core.text.caching import cached

Span = tuple[int, int]
"""A half-open range of characters."""

_WORD_OR_PREFIX = re.compile(r"([^\W\d_]+)(\\w)?")
_LETTERS = re.compile(r"[^\W\d_]+")
_COMPARISON = re.compile(r"\s+than\b", re.IGNORECASE)
"""After a phrase, makes it a comparison: "no longer than 72 characters" tells of no change."""
_APOSTROPHE_OR_CJK = re.compile(r"['’\u2e80-\U0010ffff]")
"""A character that every phrase of `others` has: an apostrophe or an ideograph."""


class _Phrases:
    r"""A set of phrases to find in texts.

    `worded` are alternatives made of words, where `\w` after a word makes it a prefix. `others` are alternatives with
    an apostrophe or an ideograph.

    Few texts have a phrase. Most are ruled out by their words, at a fraction of the cost of the pattern.
    """

    def __init__(self, worded: str, others: str) -> None:
        self._pattern = re.compile(rf"\b(?:{worded})\b|{others}", re.IGNORECASE)
        self._single_words: set[str] = set()
        self._prefixes: tuple[str, ...] = ()
        self._by_longest_word: dict[str, tuple[frozenset[str], ...]] = {}
        for phrase in worded.split("|"):
            parts = _WORD_OR_PREFIX.findall(phrase.replace(r"\d", ""))
            words = frozenset(word for word, more in parts if not more)
            if not words:
                self._prefixes += (parts[0][0],)
            elif len(words) == 1:
                self._single_words |= words
            else:
                longest = max(words, key=len)
                self._by_longest_word[longest] = (*self._by_longest_word.get(longest, ()), words)

    def spans(self, text: str) -> tuple[Span, ...]:
        """Return the spans of the phrases in a text, in order."""
        if not _APOSTROPHE_OR_CJK.search(text) and not self._may_match(_letter_runs(text)):
            return ()
        found = (match.span() for match in self._pattern.finditer(text))
        return tuple(span for span in found if not _COMPARISON.match(text, span[1]))

    def _may_match(self, runs: frozenset[str]) -> bool:
        if not runs.isdisjoint(self._single_words) or any(run.startswith(self._prefixes) for run in runs):
            return True
        return any(
            words <= runs
            for word in runs & self._by_longest_word.keys()
            for words in self._by_longest_word[word]
        )


def _alternatives(text: str) -> str:
    """Join alternatives from several lines, separated by bars, into one line."""
    return "|".join(
        phrase for line in text.splitlines() for phrase in map(str.strip, line.split("|")) if phrase
    )


def _combinations(first: str, then: str) -> str:
    """Return the alternatives that combine a word of `first` with a word of `then`."""
    return "|".join(f"{one} {other}" for one in first.split() for other in then.split())


_NEGATIONS = _Phrases(
    _alternatives(
        r"""
        not|no|never|none|neither|nor|without|cannot|nobody|nothing|nowhere|forbidden|banned|avoid|prohibit\w*
        forbid|forbids|disallow\w*|off limits|unless|ignored|excluded|unasked
        nicht|kein\w*|nie|niemals|ohne|verboten|weder
        ne|pas|jamais|sans|aucun\w*|interdit\w*
        nunca|sin|ningún\w*|prohibido
        não|sem|nenhum\w*|proibido
        не|нет|никогда|без|нельзя
        """
    ),
    r"\b\w*n['’]t\b|不|没|禁止|勿|别|ない|ません|なし|無し",
)
_MONTHS = r"jan\w* feb\w* mar\w* apr\w* may jun\w* jul\w* aug\w* sep\w* oct\w* nov\w* dec\w*"
_CHANGES = _Phrases(
    "|".join(
        (
            _alternatives(
                r"""
            no longer|any more|anymore|any longer|replaced|replaces|switched|moved|migrated|changed|renamed|upgraded
            bumped|raised|lowered|since \d+|since v\d+|since version|since last|since yesterday|since then
            as of|as from|effective \d+|from now on|from today|from here on|from then on|from this|from that day
            from that week|here on|these days|now|meanwhile|used to|formerly|previously|superseded|deprecated
            obsolete|reverted|extended|postponed|cancelled|canceled|dropped|void|up from|down from|lifted|abolished
            scrapped|swapped|became|retired|successor|successors|turned out|after all|relaxed|loosened|tightened
            taken out|took over|gave up|given up|flipped|reversed|revised|rewritten|rescheduled|withdrawn|withdrew
            shifted|in favour of|in favor of|in place of|over to|cut to|shortened|doubled|halved|archived|set to
            ported|resigned|unblocked|discontinued|correction|corrected
            nicht mehr|kein\w* mehr|nur noch|statt|seit|ab sofort|ab heute|ab jetzt|jetzt|künftig|ersetzt|umgestellt
            umgestiegen|gewechselt|verlegt|verschoben|abgeschafft|abgeschaltet|aufgehoben|entfällt|angehoben
            gesenkt|zurückgezogen|übernommen
            ne plus|désormais|depuis|dorénavant|remplac\w+|au lieu de|à la place|abandonn\w+|reporté\w*
            supprimé\w*|à compter d\w+
            ahora|desde|ya no|ya se puede|reemplaz\w+|sustitu\w+|en lugar de|en vez de|pasa a|pasan a|pasó a
            pasaron a|cambió|cambiamos|se mudó|jubiló|se jubila|a partir de
            agora|já não|não mais|substitu\w+|no lugar de|em vez de|passa a|passou a|passou para|passa para|mudou
            trocou|adiado|adiada
            теперь|больше не|уже не|вместо|отныне|передумал\w*|перешёл|перешел|перешл\w+|перевёл|перевел\w*
            перенёс|перенес\w*|сменил\w*|заменил\w*|отменил\w*|отменён\w*|отменен\w*|снизил\w*|увеличил\w*
            сдвинул\w*|отказал\w*
            """
            ),
            _combinations("back", "to on in at"),
            _combinations("is are am was were", "back"),
            _combinations("is are was were has have been", "gone"),
            _combinations("went", "back up down over from"),
            _combinations("effective since", _MONTHS),
            _combinations("passé passée passés passées", "à au aux"),
        )
    ),
    _alternatives(
        r"""
        n['’]est plus
        不再|不用再|不必再|改为|改成|改到|改用|改由|改從|换成|換成|换到|调到|調到|调为|作废|作廢|取消|停用|下线|解禁
        放宽|放寬|推迟到|延长到|增加到|加到|涨到|升级成|现在|現在|今后|以后|从.{1,12}起
        もう|今は|今後|以降は|廃止|やめて|やめた|に変更|に変わ|に変え|に替え|に切り替え|に乗り換え|に移し|に移った
        に上げ|に下げ|に引き上げ|に増え|に減|に戻|へ移|差し替え|から.{0,6}に変更
        """
    ),
)


_OBSOLESCENCE = _Phrases(
    _alternatives(
        r"""
        superseded|deprecated|obsolete|outdated|retired|withdrawn|retracted|discontinued|abolished|scrapped|reverted
        no longer|void|not applicable
        veraltet|überholt|hinfällig|nicht mehr|abgeschafft|abgelöst
        obsolète\w*|périmé\w*|abandonné\w*|ne plus|obsoleto|obsoleta|ya no|já não|não mais
        устарел\w*|больше не|уже не|отменён\w*|отменен\w*
        """
    ),
    r"n['’]est plus|作废|作廢|已废弃|废弃|过时|不再|停用|廃止|廃止済み",
)
_REFERENCES = _Phrases(
    "|".join(
        (
            _combinations(
                "earlier previous older old former first", "version advice note claim page entry approach"
            ),
            _alternatives(
                r"""
                used to|formerly|previously|no longer|any more|anymore|was wrong|were wrong|turned out|retract\w*
                correction|corrected|superseded|deprecated|obsolete|replaces|supersedes|up from|down from
                nicht mehr|früher|bisher|ersetzt|ne plus|auparavant|remplace|ya no|antes|reemplaza|sustituye
                já não|não mais|substitui|больше не|уже не|раньше|вместо
                """
            ),
        )
    ),
    r"n['’]est plus|不再|之前|原来|原先|以前は|もう",
)


@cached(8192)
def negations(text: str) -> tuple[Span, ...]:
    """Return the spans of a text's negations."""
    return _NEGATIONS.spans(text)


@cached(8192)
def change_phrases(text: str) -> tuple[Span, ...]:
    """Return the spans where a text tells of a change: "no longer", "since", "instead of"."""
    return _CHANGES.spans(text)


@cached(8192)
def obsolescence_phrases(text: str) -> tuple[Span, ...]:
    """Return the spans where a text says that something no longer holds: "superseded", "obsolete".

    Unlike negations and changes, these are not marked for the judge model.
    """
    return _OBSOLESCENCE.spans(text)


@cached(8192)
def references_to_past(text: str) -> tuple[Span, ...]:
    """Return the spans where a text refers to what came before it: "used to", "an earlier version".

    Unlike negations and changes, these are not marked for the judge model.
    """
    return _REFERENCES.spans(text)


@cached(8)
def _letter_runs(text: str) -> frozenset[str]:
    """Return the runs of letters in a text, case folded. Both Turkish i's count as i, as they do for the patterns."""
    return frozenset(_LETTERS.findall(text.replace("İ", "i").replace("ı", "i").casefold()))
