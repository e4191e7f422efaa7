"""Markdown as plain text: what a person reads, without the marks."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_MARKER = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_QUOTE = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
_TASK = re.compile(r"^\[([ xX])\][ \t]+")
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")
_LINK = re.compile(r"\[([^\[\]\n]+)\]\((?:<[^>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"[^\"\n]*\")?\)")
_WIKI = re.compile(r"\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]+)>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*)(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])|(?<![\w_])(_)(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w_])"
)
_FENCE = re.compile(r"^[ \t]*(?:```+|~~~+)[^\n]*$", re.MULTILINE)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def without_marker(raw: str) -> str:
    """Return an item without its bullet and checkbox."""
    body = _MARKER.sub("", raw, count=1)
    return _TASK.sub("", body, count=1)


def checkbox(raw: str) -> bool | None:
    """Return the state of an item's checkbox, None without one."""
    match = _TASK.match(_MARKER.sub("", raw, count=1))
    return None if match is None else match.group(1) != " "


def is_struck(raw: str) -> bool:
    """Whether the whole of an item or paragraph is struck out."""
    body = without_marker(raw).strip()
    return len(body) > 4 and body.startswith("~~") and body.endswith("~~") and "~~" not in body[2:-2]


def plain(raw: str) -> str:
    """Return the plain text of one block; line breaks inside it stay."""
    text = _COMMENT.sub("", _QUOTE.sub("", without_marker(raw)))
    text = _FENCE.sub("", text)
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group(2).strip())
        return f"\x00{len(kept) - 1}\x00"

    text = _CODE.sub(keep, text.replace("\x00", ""))
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _WIKI.sub(lambda match: match.group(2) or match.group(1), text)
    text = _AUTOLINK.sub(r"\1", text)
    for _ in range(2):  # bold inside struck, and the like
        text = _STRONG.sub(r"\2", text)
    text = _EMPHASIS.sub(lambda match: match.group(2) or match.group(4), text)
    text = _ESCAPE.sub(r"\1", text)
    text = re.sub("\x00(\\d+)\x00", lambda match: kept[int(match.group(1))], text)
    return "\n".join(line for line in (" ".join(part.split()) for part in text.splitlines()) if line)


def row_text(cells: tuple[str, ...]) -> str:
    """Return a table row as plain text."""
    return " | ".join(" ".join(plain(cell).split()) for cell in cells)


def normalised(text: str) -> str:
    """Return a text for comparison: NFKC, case folded, runs of blanks as one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def digest(raw: str) -> str:
    """Return sixteen hexadecimal digits that identify an entry's words wherever it stands."""
    return hashlib.sha256(normalised(without_marker(raw)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
