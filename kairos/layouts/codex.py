"""The layout of Codex: `memories`, which Codex writes anew from its own records of sessions. Kairos only reads it.

Source: openai/codex, `codex-rs/memories`, and developers.openai.com, "Memories".
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kairos.layouts.layout import Layout
from kairos.model import Role

_ROOT = re.compile(r"/\.codex/memories\Z")
_SIGNATURE = ("raw_memories.md", "rollout_summaries")
"""What Codex keeps next to its memory."""


@dataclass(frozen=True, slots=True)
class _Memories(Layout):
    """Codex consolidates its memory itself, and would overwrite or be misled by what others change there."""

    def role_of(self, path: str) -> Role | None:
        return None if Layout.role_of(self, path) is None else Role.READ_ONLY


LAYOUT = _Memories(
    "codex",
    indexes_notes=False,
    shows_conflicts=False,
    described="the memory of Codex, which only Codex itself edits: Kairos changes nothing there",
    is_read_only=True,
)


def is_codex(root: Path) -> bool:
    """Whether a directory is the memory of Codex, by its path or by what Codex keeps in it."""
    if _ROOT.search(root.as_posix()):
        return True
    with suppress(OSError):
        return all((root / name).exists() for name in _SIGNATURE)
    return False
