"""Passwords, keys and tokens in note text: where they are and of which kind, so that nothing needs to repeat them.

Precise rather than complete: what is found is reported to the user and redacted wherever Kairos repeats note text. The
key formats are those that their issuers document; the list was checked against the rules of gitleaks (MIT) and
detect-secrets (Apache-2.0). What goes to a language model has to pass a stricter check: `kairos.ml.llm.credentials`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from kairos.core.text.patterns import lazy
from kairos.model import Span


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential in a text: its kind in words, and the span of characters that must not be repeated."""

    kind: str
    span: Span


KEY_BLOCK = "private key"
"""The one kind of credential that spans many lines."""
_FORMS: Mapping[str, tuple[str, str]] = {
    "AWS access key": ("AKIA ASIA ABIA ACCA", r"[0-9A-Z]{16}\b"),
    "GitHub token": ("ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"\w{20,255}"),
    "GitLab token": ("glpat- glptt- gldt- glrt- glcbt- glsoat-", r"[\w-]{20,255}"),
    "Slack token": ("xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-", r"[\w-]{10,255}"),
    "Slack webhook": ("hooks.slack.com/services/ hooks.slack.com/workflows/", r"[\w/+-]{20,255}"),
    "Anthropic key": ("sk-ant-", r"[\w-]{20,255}"),
    "OpenAI key": ("sk-", r"(?!ant-)[\w-]{20,255}"),
    "Stripe key": ("sk_live_ sk_test_ rk_live_ rk_test_ whsec_", r"\w{16,255}"),
    "Google key": ("AIza GOCSPX- ya29.", r"[\w-]{28,1000}"),
    "Hugging Face token": ("hf_", r"[A-Za-z]{30,64}\b"),
    "package registry token": ("npm_ pypi-AgE dckr_pat_", r"[\w-]{20,1000}"),
    "SendGrid key": ("SG.", r"[\w-]{22}\.[\w-]{43}(?![\w-])"),
    "Twilio key": ("SK", r"[0-9a-f]{32}\b"),
    "DigitalOcean token": ("dop_v1_ doo_v1_ dor_v1_", r"[0-9a-f]{64}\b"),
    "Databricks token": ("dapi", r"[0-9a-f]{32}\b"),
    "Groq key": ("gsk_", r"[A-Za-z0-9]{40,64}\b"),
    "Azure account key": ("AccountKey=", r"[A-Za-z0-9+/]{80,88}={0,2}"),
    "age key": ("AGE-SECRET-KEY-1", r"[0-9A-Z]{58}\b"),
    "JSON web token": ("eyJ", r"[\w-]{8,2000}+\.eyJ[\w-]{8,4000}+\.[\w-]{8,2000}"),
}
"""For each kind of credential, its possible prefixes and a pattern for the rest."""
_TOKENS = tuple(
    (kind, start, lazy(rf"(?<![\w-]){re.escape(start)}{rest}"))
    for kind, (starts, rest) in _FORMS.items()
    for start in starts.split()
)

_KEY_BLOCK = lazy(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?P<body>(?:(?!-----)[A-Za-z0-9+/=:,\s>-]){0,20000})"
)
_KEY_LINE = lazy(r"^[\s>]*[A-Za-z0-9+/=]{4,}[ \t]*$|[A-Za-z0-9+/=]{16,}", re.MULTILINE)
_IN_URL = lazy(r"(?<=\w)://[^\s/:@]{1,100}:(?P<value>[^\s/@]{3,200})@")
_IN_COMMAND: Mapping[str, re.Pattern[str]] = {
    "curl": lazy(
        r"curl\b[^\n]{0,200}?\s(?:-u|--user)[\s=]{0,3}[\"']?[^\s:\"'$<]{1,80}:(?P<value>[^\s\"'`]{3,200})"
    ),
    "sshpass": lazy(r"sshpass\s{1,3}-p\s{0,3}[\"']?(?P<value>[^\s\"'`]{3,200})"),
    "uthorization": lazy(
        r"uthorization[\"'`*]{0,3}\s{0,3}[:=][\"'`*\s]{0,4}[Bb]asic\s{1,3}(?P<value>[A-Za-z0-9+/]{8,400}={0,2})"
    ),
}
"""Patterns of logins in a command or a header, each by the fixed text that it begins with."""

_LOGINS = (
    "password passwd passphrase passwort kennwort contraseña mot_de_passe пароль 密码 パスワード pwd db_pass"
).split()
_SECRETS = "secret token credential bearer key".split()
_QUOTE = r"[\"'`*_]{0,3}"
_NAME = r"(?:mot de )?[\w-]{0,40}+"
_VALUE = r"(?P<value>[^\s\"'`|]{6,300})"
_SAYS = (
    r"\b(?:is|was|ist|lautet|es|est)\b(?:[^\S\n](?:now|currently|jetzt|nun|ahora|maintenant)\b)?"
    r"(?:[^\S\n]?[:：])?"
)
_IS = (
    rf"{_QUOTE}[^\S\n]{{0,3}}(?:[:=：]{{1,2}}>?|[-=]>|→|{_SAYS}|(?<=bearer))"
    rf"{_QUOTE}[^\S\n]{{0,3}}{_QUOTE}"
)
_FOR = r"[^\S\n](?:\([^)\n]{1,40}\)|(?:for|of|on|in|to|at|für|von|pour)(?:[^\S\n][\w.@-]{1,40}){1,4})"
_ASSIGNED = lazy(rf"{_NAME}{_IS}{_VALUE}", re.IGNORECASE)
_ADJACENT = lazy(
    rf"{_NAME}(?:{_FOR}{_IS}|{_QUOTE}[^\S\n]{{0,40}}\|[^\S\n]{{0,40}}{_QUOTE}|[^\S\n]{{1,3}}{_QUOTE}(?![\d/|]))"
    rf"{_VALUE}",
    re.IGNORECASE,
)
"""The value follows without an "is", or only after a qualifier: "the password hunter22", "password (staging):
hunter22"."""
_MAX_TRAILING_MARKS = 8
"""How many trailing "!" and "?" may belong to a password."""
_ALGORITHM = lazy(
    r"(?:sha|base|md|bcrypt|scrypt|argon|oauth|pbkdf|ed|aes|v|utf|totp|http)-?\d.*", re.IGNORECASE
)
"""What may follow the word, contains digits and is still no password: "hashed with the password sha256 …"."""
_NOT_SECRET = lazy(r"tokeni[sz]|secretar", re.IGNORECASE)
_BEFORE_SECRET_KEY = lazy(
    r"(?:api|access|secret|private|signing|encryption|account|auth|master|licen[cs]e)[ _-]?\Z", re.IGNORECASE
)
"""What precedes the word "key" if it means a secret one; there are sort keys, too."""

_PLACEHOLDER = lazy(
    r"[<$%{\[(]|\*{3}|x{4}|\.{3}|…|your|example|placeholder|redacted|changeme|dummy|todo|none|null"
    r"|\A(?:pass(?:w(?:or)?d)?|pwd|secret)\Z|not shown|(?:op|vault|arn|https?|file|env|s3)[:/]",
    re.IGNORECASE,
)
"""Signs of a placeholder, or of a reference to where the value is kept."""
_IDENTIFIER = lazy(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:[A-Z][a-z]+)*\d{0,3}")
_SHORTEST_RUN = 8
_SHORTEST_SECRET = 10
_RUN = lazy(r"[A-Za-z0-9+/]{28,}")
_MIN_ALTERNATION = 0.45
"""Share of neighbouring characters of different kinds: about half in random strings, less in words and paths."""
_MIN_ENTROPY = 3.0
"""Bits per character (Shannon entropy) from which the value of something called a secret is more than a setting."""


def credentials(text: str) -> tuple[Credential, ...]:
    """Return the credentials in a text, in order and without overlaps.

    If the form and the name of a value both mark it as a credential, the form decides its kind. It says more, and it
    says the same everywhere, which matters because texts are kept with the kind in place of the value.
    """
    taken = 0
    kept = []
    every = dict.fromkeys((*_blocks(text), *_forms(text), *_named(text)))
    for found in sorted(every, key=lambda c: (c.span.start, -c.span.end)):
        if found.span.start >= taken:
            kept.append(found)
            taken = found.span.end
    return tuple(kept)


def redacted(text: str) -> str:
    """Return a text with each credential replaced by its kind."""
    pieces: list[str] = []
    position = 0
    for found in credentials(text):
        pieces += (text[position : found.span.start], mark(found.kind))
        position = found.span.end
    return "".join((*pieces, text[position:]))


def mark(kind: str) -> str:
    """Return the placeholder for a credential that is not repeated."""
    return f"[{kind}: not shown]"


def _blocks(text: str) -> Iterator[Credential]:
    """Yield the lines of private keys, even if the end of the block is missing."""
    for block in _KEY_BLOCK.finditer(text) if "PRIVATE KEY" in text else ():
        yield Credential(KEY_BLOCK, Span(block.start(), block.start("body")))
        for line in _KEY_LINE.finditer(text, *block.span("body")):
            bare = line.group().lstrip(" \t\r\n>")
            yield Credential(KEY_BLOCK, Span(line.end() - len(bare), line.end()))


def _forms(text: str) -> Iterator[Credential]:
    for kind, start, form in _TOKENS:
        for match in _matches(form, start, text, text):
            says_so = kind != "OpenAI key" or any(map(str.isdigit, match.group()))  # not names like sk-learn
            if says_so and not _PLACEHOLDER.search(match.group()):
                yield Credential(kind, Span(*match.span()))
    for match in _matches(_IN_URL, "://", text, text):
        if not _PLACEHOLDER.search(match["value"]):
            yield Credential("password in a URL", Span(*match.span("value")))
    for start, form in _IN_COMMAND.items():
        for match in _matches(form, start, text, text):
            if not _PLACEHOLDER.search(match["value"]):
                yield Credential("password in a command", Span(*match.span("value")))


def _named(text: str) -> Iterator[Credential]:
    """Yield the values given to something called a password or a secret."""
    lowered = text.replace("İ", "I").lower()  # the one letter whose lower case is longer
    for name in _LOGINS:
        for match in _matches(_ASSIGNED, name.replace("_de_", " de "), lowered, text):
            span = _value(match)
            if _is_password(text[slice(*span)]):
                yield Credential("password", _with_trailing_marks(span, text))
        for match in _matches(_ADJACENT, name.replace("_de_", " de "), lowered, text):
            span = _value(match)
            if _is_adjacent_password(text[slice(*span)]):
                yield Credential("password", _with_trailing_marks(span, text))
    for name in _SECRETS:
        for match in (*_matches(_ASSIGNED, name, lowered, text), *_matches(_ADJACENT, name, lowered, text)):
            span = _value(match)
            if _names_secret(name, text, match.start()) and _is_secret(text[slice(*span)]):
                yield Credential("secret", span)


def _value(match: re.Match[str]) -> Span:
    """Return the span of the value in a match, without the punctuation of the sentence."""
    start = match.start("value")
    return Span(start, start + len(match["value"].rstrip(".,;:!?)]}>*_")))


def _with_trailing_marks(span: Span, text: str) -> Span:
    """Extend the span of a password over the marks that follow, since they may be part of it."""
    rest = text[span.end : span.end + _MAX_TRAILING_MARKS]
    return Span(span.start, span.end + len(rest) - len(rest.lstrip("!?")))


def _matches(form: re.Pattern[str], start: str, searched: str, text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of `form` wherever `searched` has its fixed beginning `start`: fixed text is found fast."""
    position = searched.find(start)
    while position >= 0:
        match = form.match(text, position)
        if match:
            yield match
        position = searched.find(start, max(position + len(start), match.end() if match else 0))


def _names_secret(name: str, text: str, position: int) -> bool:
    """Whether the word at a position names a secret."""
    if name == "key":
        return bool(_BEFORE_SECRET_KEY.search(text, max(0, position - 12), position))
    return not _NOT_SECRET.match(text, position)


def _is_password(value: str) -> bool:
    """Whether a value mixes letters with digits or signs in a way that no word of prose does."""
    if len(value) < 6 or _PLACEHOLDER.search(value) or value.startswith(("/", "~/")) or "()" in value:
        return False
    has_letter = any(map(str.isalpha, value))
    return has_letter and (any(map(str.isdigit, value)) or any(sign in value for sign in "!@#^&+="))


def _is_adjacent_password(value: str) -> bool:
    """Whether a word directly after "password" is one."""
    said = any(map(str.isdigit, value)) and "(" not in value  # VARCHAR(255) is the type of its column
    return said and not _ALGORITHM.fullmatch(value) and _is_password(value)


def _is_secret(value: str) -> bool:
    """Whether a value looks random: no identifier, and no name or path made of words and short numbers."""
    if len(value) < _SHORTEST_SECRET or _PLACEHOLDER.search(value) or _IDENTIFIER.fullmatch(value):
        return False
    drawn = any(map(_is_mixed, re.split(r"[^\w+]|_", value))) or any(map(_is_jumbled, _RUN.findall(value)))
    return drawn and _entropy(value) >= _MIN_ENTROPY


def _is_jumbled(run: str) -> bool:
    """Whether lower case, upper case and digits alternate more often than in any path."""
    turns = sum(_character_class(one) != _character_class(other) for one, other in pairwise(run))
    return turns >= _MIN_ALTERNATION * (len(run) - 1)


def _character_class(char: str) -> tuple[bool, bool, bool]:
    return char.isdigit(), char.isupper(), char.islower()


def _is_mixed(run: str) -> bool:
    long_enough = len(run) >= _SHORTEST_RUN and not _IDENTIFIER.fullmatch(run)
    return long_enough and any(map(str.isalpha, run)) and any(map(str.isdigit, run))


def _entropy(text: str) -> float:
    """Return the Shannon entropy of a text in bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
