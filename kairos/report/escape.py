"""Note text made safe to show in reports: visible by `kairos.core.text.escape`, on one line where it has to be."""

from __future__ import annotations

from kairos.core.text.escape import visible

__all__ = ["one_line", "visible"]


def one_line(text: str) -> str:
    """Return `text` visible and on one line, each run of blanks as one blank."""
    return visible(" ".join(text.split()))
