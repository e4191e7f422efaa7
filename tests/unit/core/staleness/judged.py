"""Judges one line of a list on a fixed day."""

import hashlib
from datetime import date

from kairos.core.dates.today import Today
from kairos.core.markdown.parse import parse
from kairos.core.staleness.stale import stale
from kairos.model import Finding, Role, Source

TODAY = date(2026, 11, 20)


def found(text: str) -> tuple[Finding, ...]:
    """Return what is found of a bullet beside a lasting fact."""
    return found_in(f"# Notes\n\n- {text}\n- The sky over the lab is blue.\n")


def found_in(text: str, path: str = "note.md", role: Role = Role.NOTE) -> tuple[Finding, ...]:
    """Return what is found of a note."""
    data = text.encode()
    source = Source(path, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role)
    return stale(parse(source), today=Today(TODAY), exists=lambda _path: False)


def unattended(text: str) -> bool:
    """Whether a bullet is pruned unattended."""
    return any(one.unattended for one in found(text))
