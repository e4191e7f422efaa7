"""The managed note that shows open conflicts to the agent itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kairos.core.root.credentials import redacted
from kairos.core.text.escape import visible
from kairos.model import Conflict, Entry, Place

CONFLICTS_NOTE = "kairos-conflicts.md"
TITLE = "Open conflicts between notes"
POINTER_HOOK = "notes that contradict each other; ask before relying on either"

_FORGING = re.compile(r"[\[\]<`\\]|\A[#>*+=~|-]")
SIGNATURE = b"---\nname: kairos-conflicts\n"
"""How this note has begun in every version of Kairos."""
_REMAINS = re.compile(rf"[-*+] {re.escape(TITLE)}(?: (?:—|–|--|-)|:) {re.escape(POINTER_HOOK)}")
_HEAD = """---
name: kairos-conflicts
description: Notes that contradict each other; written by Kairos, settled with `kairos resolve`
metadata:
  type: reference
---

# Open conflicts between notes

Kairos found these notes to contradict each other. Ask which one holds before you rely on either.
This file is rewritten by every dream and goes when the last conflict is settled.
"""


def conflicts_note(conflicts: Sequence[Conflict]) -> bytes:
    """Return the note for these conflicts; the same conflicts give the same bytes."""
    return "\n".join((_HEAD, *(_section(conflict) for conflict in conflicts))).encode("utf-8")


def is_remains(entry: Entry) -> bool:
    """Whether a line has the words of a pointer to this note but no link.

    Earlier versions left such lines in the index when somebody had deleted the note.
    """
    return _REMAINS.fullmatch(entry.raw.strip()) is not None


def _section(conflict: Conflict) -> str:
    newer = {"a": "The first is newer. ", "b": "The second is newer. ", None: ""}[conflict.newer]
    return (
        f"## {conflict.id}\n\n{_side(conflict.a)}\n\n{_side(conflict.b)}\n\n"
        f"{newer}Seen since {conflict.since.isoformat()}. "
        f"To settle it: `kairos resolve {conflict.id} --keep a|b|both`\n"
    )


@lru_cache(maxsize=4096)  # a dream plans several times, and most conflicts stay the same
def _side(place: Place) -> str:
    """Quote an entry as a code block: its text can neither end the quote nor form a link."""
    lines = [visible(line) for line in redacted(place.text).splitlines()] or [""]
    return f"{_escaped(place.file)}:\n\n" + "\n".join(f"    {line}".rstrip() for line in lines)


def _escaped(path: str) -> str:
    """Return a path that forms no link, code, tag or heading: otherwise the name of a file could forge one."""
    return _FORGING.sub(r"\\\g<0>", visible(path).replace("\n", "\\n"))
