"""Reads YAML front matter tolerantly: broken YAML falls back to `key: rest of line`."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import yaml

from kairos.core.text.iso_day import iso_day
from kairos.model import FrontMatter, Span

_HEAD = re.compile(
    rb"---[ \t]*(?:\r\n|\r|\n)(.*?)(?:^|(?<=[\r\n]))(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL
)
_KEY = re.compile(r"[A-Za-z_][\w .-]*\Z")
_MAX_BYTES = 64 * 1024
"""Front matter is looked for in this many bytes at the beginning of a file."""
_MOST_BITS = 4096  # of a number
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def front_matter(data: bytes) -> FrontMatter | None:
    """Return the front matter of a note, or None if it has none (a leading `---` may be a horizontal rule)."""
    start = _start(data)
    match = _HEAD.match(data[start : start + _MAX_BYTES])
    if match is None:
        return None
    text = match.group(1).decode("utf-8", "replace")
    span = Span(start, start + match.end())
    loaded = _load_yaml(text)
    if isinstance(loaded, dict):
        return FrontMatter(span, _lift_metadata(loaded), valid=True)
    fields = _parse_lines(text)
    return FrontMatter(span, fields, valid=False) if fields else None


def body_start(data: bytes, front: FrontMatter | None) -> int:
    """Return where the body of a note begins: after its front matter, or else after a byte order mark."""
    return front.span.end if front else _start(data)


def body_of(data: bytes) -> bytes:
    """Return the body of a note, without front matter and byte order mark."""
    return data[body_start(data, front_matter(data)) :]


def _start(data: bytes) -> int:
    return len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0


def _load_yaml(text: str) -> object:
    """Load YAML. Returns None if it is broken, or has aliases, which could expand without bound."""
    try:
        if "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, _LOADER)):
            return None
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except Exception:  # noqa: BLE001 - `!!bool x` raises KeyError, `!!timestamp x` AttributeError, …
        return None


def _lift_metadata(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """Lift the keys of a nested `metadata` mapping to the top level, where existing keys win."""
    top = {str(key): value for key, value in fields.items()}
    nested = top.pop("metadata", None)
    if isinstance(nested, dict):
        return {**{str(key): value for key, value in nested.items()}, **top}
    return top if nested is None else {**top, "metadata": nested}


def _parse_lines(text: str) -> dict[str, Any]:
    """Read lines of the form `key: rest of line`, as agents write them.

    Returns nothing at all if any other line is not indented, a list item or a comment.
    """
    fields: dict[str, Any] = {}
    for line in filter(str.strip, text.splitlines()):
        key, colon, rest = line.strip().partition(":")
        if colon and _KEY.match(key) and rest[:1] in ("", " ", "\t"):
            if key.rstrip() != "metadata":
                fields.setdefault(key.rstrip(), _unquoted(rest.strip()))
        elif not line.startswith((" ", "\t", "-", "#")):
            return {}
    return fields


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    return value[1:-1] if is_quoted else value


def text_field(fields: Mapping[str, Any], *names: str) -> str:
    """Return the first of these fields that is set, as one line of text, or ""."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            continue  # Python refuses to convert it to decimal digits
        if isinstance(value, str | int | float) and str(value).strip():
            return " ".join(str(value).split())
    return ""


def day_field(fields: Mapping[str, Any], *names: str) -> date | None:
    """Return the day in the first of these fields that holds one, or None."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            day = iso_day(value)
            if day is not None:
                return day
    return None
