"""Notes with what looks like a credential stay on this machine: they are never part of a question."""

from __future__ import annotations

import re

_WELL_KNOWN = re.compile(
    r"""
      -----BEGIN\ [A-Z ]*PRIVATE\ KEY
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
_NAMED = re.compile(
    r"(?:password|passwd|passphrase|passwort|secret|token|api[ _-]?key|credentials?)"
    r"(?:[\"'`]*\s*[:=]\s*|\s+(?:is\s+|lautet\s+)?)[\"'`]*(?=\S*\d)\S{6,}",
    re.IGNORECASE,
)


def holds_credential(text: str) -> bool:
    """Whether a text holds a well-known kind of key, or names a password. Rather once too often than too rarely."""
    return bool(_WELL_KNOWN.search(text) or _NAMED.search(text))
