"""Detect credentials: a note that seems to hold one never leaves this machine as part of a question."""

from __future__ import annotations

import re
from itertools import pairwise

from kairos.core.root.credentials import credentials

_WELL_KNOWN = re.compile(
    r"""
      -----BEGIN\ [A-Z ]*PRIVATE\ KEY | \bMII[A-Z][\w+/]{8} # a key in PEM, with or without its first line
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                       # AWS
    | \bgh[pousr]_\w{30,} | \bgithub_pat_\w{20,}          # GitHub
    | \bglpat-[\w-]{20,}                                  # GitLab
    | \bxox[abeoprs]-[\w-]{10,}                           # Slack
    | \bsk-[\w-]{20,} | \b[rs]k_(?:live|test)_\w{16,}     # OpenAI, Anthropic, Stripe
    | \bAIza[\w-]{35} | \bya29\.[\w-]{20,}                # Google
    | \bhf_\w{30,} | \bnpm_\w{30,} | \bpypi-[\w-]{30,}    # package registries
    | \beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.                      # a JSON web token
    | \b\w[\w+.-]*://[^\s/:@]+:[^\s/@]+@                  # a password in a URL
    """,
    re.VERBOSE,
)

_LOGIN = r"passw(?:or)?d|passphrase|passwort|kennwort|contraseña|mot\ de\ passe|пароль|密码|パスワード|pwd"
_SECRET = (
    rf"{_LOGIN}|secret|token|credential|(?<=_)pass|(?-i:(?<=[a-z])Pass)|(?-i:[A-Z]_KEY)"
    r"|(?:api|access|secret|private|signing|encryption|account|auth|master|ssh|licen[cs]e)[ _-]?key"
)
_REST = r"s?\d*(?:[_-][\w-]{0,40}|(?-i:[A-Z])\w{0,40})?"  # the rest of a name: secret_value, tokenValue, not secretary
_QUOTE = r"[\"'`*_]*"
_IS = rf"{_QUOTE}\s*(?:[:=：]+>?|[-=]>|→|\s[-–—]\s){_QUOTE}\s*{_QUOTE}"
_A_NUMBER = rf"(?:s|[_-])[\w-]*{_IS}[\d.,_]+[);]*(?:\s|$)"  # max_tokens: 200000
_IN_PROSE = rf"\s+(?:(?:is|was|ist|lautet|est|es)\s+){_QUOTE}"
_NO_WORD = r"(?![^\W\d_]+[\W_]*(?:\s|$))"
_DIGIT = r"(?=\S*\d)"
_NAMED = re.compile(
    rf"""
      (?!token{_A_NUMBER})(?:{_SECRET}){_REST}{_IS}\S{{6}}
    | (?:{_SECRET})s?\s+(?:\([^)]{{1,40}}\)|(?:for|of|on|in|to|at|für)(?:\s+[\w-]+){{1,4}}){_IS}{_NO_WORD}\S{{6}}
    | (?:{_SECRET})(?:{_IN_PROSE}|\s+{_QUOTE}){_DIGIT}\S{{6}}
    | (?:{_LOGIN}){_IN_PROSE}{_NO_WORD}\S{{6}}         # "is required" is prose, "is correct-horse" may be one
    | (?:{_LOGIN}){_QUOTE}\s*\|\s*{_QUOTE}[^\s|]{{6}} # the next cell of a table
    | (?:key|\bpass){_REST}{_IS}{_DIGIT}(?=\S*[a-z])\S{{8}} # many a key is none: sort key, key: value
    | \bbearer\s+{_NO_WORD}\S{{6}} | \bauthorization{_IS}(?:basic|token|digest)\s+\S{{6}}
    """,
    re.IGNORECASE | re.VERBOSE,
)

_RUN = re.compile(r"[A-Za-z0-9+/]{20,}")
_RANDOM_SHARE = 0.4
"""Share of adjacent characters that differ in kind: about a half in random strings, a fifth in words."""


def holds_credential(text: str) -> bool:
    """Whether a text seems to hold a key or a password. Prefers false positives to misses."""
    if credentials(text) or _WELL_KNOWN.search(text) or _NAMED.search(text):
        return True
    return any(map(_is_random, _RUN.findall(text)))


def _is_random(run: str) -> bool:
    """Whether lower case, upper case and digits alternate more often than in any word, name or path."""
    kinds = [_kind(char) for char in run]
    turns = sum(one != other for one, other in pairwise(kinds))
    return "digit" in kinds and turns >= _RANDOM_SHARE * (len(run) - 1)


def _kind(char: str) -> str:
    if char.isdigit():
        return "digit"
    return "capital" if char.isupper() else "small" if char.islower() else "sign"
