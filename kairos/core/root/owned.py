"""Which files of a root Kairos may write. Anyone can use their names, so their content has to identify them, too."""

from __future__ import annotations

from kairos.core.root import conflicts_note
from kairos.model import Role, Source

SIGNATURE = "kept by Kairos."
"""Stands in every sub-index that Kairos created."""


def is_own(source: Source) -> bool:
    """Whether Kairos itself writes a file, and so may remove anything from it."""
    if source.role is Role.MANAGED:
        return source.data.startswith(conflicts_note.SIGNATURE)
    return source.role is Role.SUBINDEX and SIGNATURE.encode() in source.data
