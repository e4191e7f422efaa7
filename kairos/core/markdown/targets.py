"""Where the links of an entry lead, in a form that can be compared: its plain text only has their words."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

from kairos.core.markdown.links import slug_of
from kairos.model import Entry

_LINK = re.compile(
    r"\[\[([^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\]"
    r"|\]\([ \t]*(?:<([^<>\n]+)>|((?:[^()\s<>]|\([^()\s<>]*\))+))"
)
"""Matches a wiki link, or an inline link from the end of its text on; images and links to the web count as well."""
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


def targets(entry: Entry) -> frozenset[str]:
    """Return where the links in the core parts of an entry lead, whether or not anything is there."""
    if not _may_link(entry.raw):  # most entries
        return frozenset()
    return frozenset().union(*(targets_in(part.raw, entry.path) for part in entry.parts if part.core))


def targets_in(raw: str, path: str) -> frozenset[str]:
    """Return where the links of a Markdown text in the file `path` lead."""
    if not _may_link(raw):
        return frozenset()
    return frozenset(
        _normal_form(wiki, "") if wiki else _normal_form(bracketed or bare, path)
        for wiki, bracketed, bare in _LINK.findall(raw)
    )


def _may_link(raw: str) -> bool:
    return "](" in raw or "[[" in raw


def _normal_form(target: str, path: str) -> str:
    """Return a target as a path from the root without `.md`, with its section; an address is returned as it is."""
    target = target.strip()
    if _ADDRESS.match(target):
        return target.rstrip("/")
    name, _, section = target.partition("#")
    where = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(name))) if name else path
    folder, _, _ = where.rpartition("/")
    return f"{folder}/{slug_of(where)}#{section}"
