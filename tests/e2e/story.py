"""A small made-up directory with a duplicate, a conflict, a broken pointer and an expired note."""

from __future__ import annotations

from pathlib import Path

OLD, NEW = "The API listens on port 8080.", "The API now listens on port 9090, no longer 8080."
TWICE = "Releases are cut from the main branch every Thursday."
NOTES = {
    "MEMORY.md": "# Memory\n\n- [Shipping](ship.md) — how we ship\n- [Gone](gone.md) — is gone\n",
    "ship.md": f"# Shipping\n\n- {TWICE}\n- {OLD}\n",
    "notes.md": f"# Notes\n\n- {TWICE}\n- {NEW}\n",
    "guest.md": "---\nname: guest\ndescription: guest login\nexpires: 2026-01-31\n---\n\nGuests log in.\n",
}


def make_story(directory: Path) -> Path:
    """Create a directory with these notes."""
    directory.mkdir()
    for name, text in NOTES.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def files(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in root.iterdir()}
