"""Note text made safe to show in reports: escaped by `kairos.core.text.escape` and, where needed, on one line."""

from __future__ import annotations

from kairos.core.text.escape import visible

__all__ = ["one_line", "visible"]


def one_line(text: str) -> str:
    """Return `text` escaped and on one line, each run of whitespace collapsed to one space."""
    return visible(" ".join(text.split()))
