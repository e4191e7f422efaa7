"""The YAML head of a note, read tolerantly: broken YAML falls back to `key: rest of line`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import yaml

from kairos.model import FrontMatter, Span

_BOM = b"\xef\xbb\xbf"
_HEAD = re.compile(
    rb"---[ \t]*(?:\r\n|\r|\n)(.*?)(?:^|(?<=[\r\n]))(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL
)
_KEY = re.compile(r"^(\s*)([A-Za-z_][\w .-]*?)\s*:(?:\s+(.*?))?\s*$")
_MAX_BYTES = 64 * 1024


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe loading without aliases, which could expand without end."""

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 - as in PyYAML
        """Refuse aliases."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not expanded")
        return super().compose_node(parent, index)


def front_matter(data: bytes) -> FrontMatter | None:
    """Return the head of a note, or None where a leading `---` is a horizontal rule or nothing at all."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    match = _HEAD.match(data[start : start + _MAX_BYTES])
    if match is None:
        return None
    text = match.group(1).decode("utf-8", "replace")
    span = Span(start, start + match.end())
    loaded = _load(text)
    if isinstance(loaded, dict):
        return FrontMatter(span, _lifted(loaded), valid=True)
    fallen_back = _lines(text)
    return FrontMatter(span, fallen_back, valid=False) if fallen_back else None


def _load(text: str) -> object:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return None


def _lifted(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """Lift the keys of a nested `metadata` to the top; keys at the top win."""
    top = {str(key): value for key, value in fields.items()}
    nested = top.pop("metadata", None)
    if isinstance(nested, dict):
        return {**{str(key): value for key, value in nested.items()}, **top}
    return top if nested is None else {**top, "metadata": nested}


def _lines(text: str) -> dict[str, Any]:
    """Read `key: rest of line`, as agents write it; every non-blank line must look like that or be continued."""
    fields: dict[str, Any] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _KEY.match(line)
        if match is None:
            if not line[:1].isspace() and not line.lstrip().startswith(("-", "#")):
                return {}
            continue
        value = (match.group(3) or "").strip()
        if value[:1] in "\"'" and value[-1:] == value[:1] and len(value) > 1:
            value = value[1:-1]
        if match.group(2) != "metadata":
            fields.setdefault(match.group(2), value)
    return fields


def text_field(fields: Mapping[str, Any], *names: str) -> str:
    """Return the first of these fields that is set, as one line of text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and str(value).strip():
            return " ".join(str(value).split())
    return ""


def day_field(fields: Mapping[str, Any], *names: str) -> date | None:
    """Return the first of these fields that holds a day."""
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


_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


def iso_day(text: str) -> date | None:
    """Return the first day written as YYYY-MM-DD in a text."""
    for match in _ISO.finditer(text):
        try:
            return date(*(int(group) for group in match.groups()))
        except ValueError:
            continue
    return None
