"""Words that try to command an agent rather than tell it a fact or a rule of work.

The list is modest: "always run the tests" is what memories are for. It covers the forms that injected text takes in
practice: overriding other instructions, hiding from the user, approving every request, sending secrets away, piping the
network into a shell, posing as the system. The kinds follow OWASP's descriptions of prompt injection (LLM01) and of
memory poisoning (ASI06).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

_OTHERS = (
    r"(?:previous|prior|earlier|preceding|above|former|existing|other|your|all|any|these|those|the|of|system)"
)
_RULES = r"(?:instructions?|prompts?|rules|guidelines|directives?|safeguards)"
_EVERYTHING = r"(?:all|any|every(?:thing)?|whatever)"
_USER = r"(?:the\s+)?(?:user|human|operator|owner|developer)s?"
_SECRETS = (
    r"(?:credentials?|passwords?|secrets?|(?:api|ssh|private|access)[\s-]keys?|tokens?|env(?:ironment)?\s+variables?"
    r"|\.env\b|~?/?\.ssh|id_rsa|conversation|chat\s+history|memory\s+(?:files?|director(?:y|ies)))"
)
_AWAY = r"(?:https?://|ftp://|@[\w-]{1,60}\.\w|webhook|pastebin|external\s+server|remote\s+server)"

_KINDS = {
    "sets other instructions aside": rf"""
        \b(?:ignore|disregard|forget|override|bypass)\s+(?:{_OTHERS}\s+){{1,5}}{_RULES}\b
      | \bignorier\w*\s+(?:bitte\s+)?(?:alle\s+)?(?:die\s+|deine\s+)?(?:vorherigen|bisherigen|obigen|früheren)\s+\w*anweisungen
      | \bignore[rz]?\s+(?:toutes\s+)?(?:les|tes|vos)\s+(?:instructions|consignes)\s+(?:précédentes|antérieures|ci-dessus)
      | \bignor[ae]\s+(?:todas\s+)?(?:las|as)\s+(?:instrucciones|instruções)\s+(?:anteriores|previas|prévias)
      | \bигнорируй(?:те)?\s+(?:все\s+)?(?:предыдущие|прежние)\s+(?:инструкции|указания)
      | 忽略(?:掉)?(?:之前|先前|以上|上述|前面|所有)[^。\n]{{0,8}}(?:指令|指示|提示|说明)
      | (?:以前|上記|これまで|前)の[^。\n]{{0,6}}(?:指示|命令)[^。\n]{{0,4}}無視
    """,
    "hides something from the user": rf"""
        \b(?:do\s+not|don't|never)\s+(?:tell|inform|notify|alert|warn)\s+{_USER}\b
      | \bwithout\s+(?:telling|informing|notifying|alerting|asking)\s+{_USER}\b
      | \b(?:hide|conceal|keep)\s+(?:this|it|that)\s+(?:secret\s+)?from\s+{_USER}\b
      | \b(?:secretly|silently|covertly)\s+(?:send|upload|run|execute|install|add|copy|forward|post)\b
    """,
    "waves everything through": rf"""
        \b(?:always|automatically|auto-?)\s*(?:approve|accept|allow|grant|permit|confirm|say\s+yes\s+to)\b
      | \b(?:approve|accept|grant|permit)\s+{_EVERYTHING}\s+(?:of\s+)?(?:\w+\s+)?(?:requests?|calls?|commands?|actions?|permissions?|prompts?)\b
      | \b(?:skip|bypass|disable|ignore)\s+(?:all\s+|any\s+|the\s+|every\s+)*(?:confirmations?|permissions?|approvals?|safety|security)\s+(?:checks?|prompts?|dialogs?|questions?)\b
      | \bdangerously-skip-permissions\b
    """,
    "sends secrets away": rf"""
        \bexfiltrat\w+
      | \b(?:send|post|upload|forward|e-?mail|transmit|leak|submit)\b[^.\n]{{0,60}}{_SECRETS}[^.\n]{{0,60}}\b(?:to|into|at|via)\b[^\n]{{0,40}}{_AWAY}
      | \b(?:cat|curl|base64)\b[^\n]{{0,60}}(?:\.env\b|\.ssh/|id_rsa|\.aws/credentials)[^\n]{{0,60}}(?:\||https?://)
    """,
    "has code run unseen": r"""
        \b(?:curl|wget)\b[^\n|]{0,200}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b
      | \b(?:ba|z)?sh\s+<\(\s*(?:curl|wget)\b | \beval\s+["'`]?\$\((?:curl|wget)\b
      | \bbase64\s+(?:-d|-D|--decode)\b[^\n|]{0,100}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b
      | \b(?:run|execute)\s+(?:this|the\s+following|these)\s+(?:commands?|scripts?|code|payloads?)\b
      | \brm\s+-(?:rf|fr)\s+(?:~|/|\$HOME)(?:\s|/?\*|$)
    """,
    "poses as the system": r"""
        <\|?(?:im_start|im_end|system|endoftext)\|?> | \[/?INST\] | <</?SYS>>
      | ^[ \t]{0,8}\#{0,4}[ \t]{0,8}(?:new\s+)?system\s+(?:prompt|message|override)\s*:
      | \bnew\s+instructions?\s*(?:from|by)\s+(?:the\s+)?(?:system|developers?|administrators?|anthropic|openai)\b
      | \byou\s+are\s+(?:now\s+)?(?:DAN|jailbroken|in\s+(?:developer|god|unrestricted)\s+mode)\b
      | \b(?:attention|important|note|message)\s+(?:to|for)\s+(?:(?:all|any|every)\s+)?(?:ai|llm|language\s+model|automated)\s*(?:agents?|assistants?|models?|systems?)?\s*:
    """,
}
_HINTS: Mapping[str, Sequence[str]] = {
    "sets other instructions aside": "ignor disregard forget overrid bypass игнор 忽略 無視".split(),
    "hides something from the user": "tell inform notify alert warn without from secretly silently covertly".split(),
    "waves everything through": "auto always approve accept grant permit skip bypass disable ignore".split(),
    "sends secrets away": "exfil send post upload forward mail transmit leak submit cat curl base64".split(),
    "has code run unseen": "curl wget base64 run execute rm".split(),
    "poses as the system": "<| </ << inst] system instruction jailbroken mode ai llm model".split(),
}
"""Any text that a pattern matches contains one of its hints: a quick check before a slow one."""
_PATTERNS = {
    kind: re.compile(pattern, re.IGNORECASE | re.VERBOSE | re.MULTILINE) for kind, pattern in _KINDS.items()
}


@lru_cache(maxsize=4096)
def commands(text: str) -> frozenset[str]:
    """Return, in words, what a text tries to make an agent do; empty for facts and for ordinary rules of work."""
    read = _readable(text)
    lowered = read.casefold()
    return frozenset(
        kind
        for kind, pattern in _PATTERNS.items()
        if any(hint in lowered for hint in _HINTS[kind]) and pattern.search(read)
    )


def _readable(text: str) -> str:
    """Return a text as a model reads it: without invisible characters, and with letter variants made plain (NFKC)."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", text).replace("’", "'")
    return "".join(char for char in composed if unicodedata.category(char) != "Cf")
