"""A small root with something to merge, and the answers of the command line about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

TWICE = "- Releases are cut from the main branch every Thursday.\n"
OTHERS = "".join(
    f"- {line}\n"
    for line in (
        "The invoices are written in Spanish.",
        "Backups are encrypted with age.",
        "Icons come from Figma.",
    )
)
GOOD = {
    "MEMORY.md": "# Memory\n\n- [Shipping](ship.md) — how we ship\n- [Notes](notes.md) — notes\n",
    "ship.md": f"# Shipping\n\n{TWICE}{OTHERS}",
    "notes.md": f"# Notes\n\n{TWICE}- Tea is free in the office kitchen.\n",
}
MERGED = GOOD["notes.md"].replace(TWICE, "")


class Answer:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        assert "Traceback" not in out + err
        assert "This should not have happened" not in err, err

    @property
    def sentence(self) -> str:
        """The only line on stderr, which must be a sentence from kairos."""
        (line,) = self.err.splitlines()
        assert line.startswith("kairos: ")
        assert line.endswith((".", ")", "`"))
        return line


Ask = Callable[..., Answer]


def files(root: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in root.iterdir() if path.is_file() and not path.is_symlink()
    }


def report_of(answer: Answer) -> Any:
    (value,) = json.loads(answer.out)
    return value


def is_merged(root: Path) -> bool:
    """Whether the good notes were merged, whatever bad one lies next to them."""
    return (root / "notes.md").read_text(encoding="utf-8") == MERGED
