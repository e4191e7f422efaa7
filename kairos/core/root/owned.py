"""Which files of a root are Kairos' own to write: anybody may take their names, so their words count, too."""

from __future__ import annotations

from kairos.core.root import conflicts_note
from kairos.model import Role, Source

SIGNATURE = "kept by Kairos."
"""What every sub-index says that Kairos has begun."""


def is_own(source: Source) -> bool:
    """Whether Kairos writes a file, and may take anything out of it."""
    if source.role is Role.MANAGED:
        return source.data.startswith(conflicts_note.SIGNATURE)
    return source.role is Role.SUBINDEX and SIGNATURE.encode() in source.data
