"""Where something comes from or goes to: mail sent from an address is not mail sent to it."""

from __future__ import annotations

import re

from kairos.core.text.caching import cached

_FROM = frozenset("from off von aus depuis desde из".split())
_WAY = re.compile(
    r"(?<!\w)(from|off|von|aus|depuis|desde|из|to|into|onto|towards?|nach|zu|zum|zur|vers|hacia|para|в|на)\s+"
    r"(?:(?:the|a|an|our|its|dem|der|den|le|la|el)\s+)?[`\"'*<(]*([\w@~./-]*[@_./\d][\w@~./-]*\w)",
    re.IGNORECASE,
)
"""A preposition, and the address, path, host or other technical name after it."""


def source_versus_target(a: str, b: str) -> bool:
    """Whether something technical that one text names as a source is only a target in the other.

    Plain nouns do not count: "the way back to the studio" and "locked out of the studio" may go together.
    """
    ours, theirs = _ways(a), _ways(b)
    return any(ours[name].isdisjoint(theirs[name]) for name in ours.keys() & theirs.keys())


@cached(8192)
def _ways(text: str) -> dict[str, frozenset[bool]]:
    """Return for each technical name whether it is a source (True), a target (False), or both."""
    found: dict[str, set[bool]] = {}
    for preposition, name in _WAY.findall(text.casefold()):
        found.setdefault(name, set()).add(preposition in _FROM)
    return {name: frozenset(ways) for name, ways in found.items()}
