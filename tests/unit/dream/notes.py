"""A small root with one of everything, and helpers that query a plan."""

from __future__ import annotations

from kairos.model import ChangeKind, Plan

TWICE = "Releases are cut from the main branch every Thursday."
OLD, NEW = "The API listens on port 8080.", "The API now listens on port 9090, no longer 8080."
FILLER = "".join(
    f"- {line}\n"
    for line in (
        "The invoices are written in Spanish.",
        "Every backup is encrypted with age.",
        "Our designers draw icons in Figma.",
        "Flaky tests are quarantined by the nightly job.",
        "Customers in Japan get their own data centre.",
        "The mobile app stores drafts in SQLite.",
    )
)
FILES = {
    "MEMORY.md": "# Memory\n\n- [Shipping](ship.md) — how we ship\n- [Guest](guest.md) — guest login\n",
    "ship.md": f"# Shipping\n\n- {TWICE}\n- {OLD}\n",
    "notes.md": f"# Notes\n\n- {TWICE}\n- {NEW}\n{FILLER}",
    "guest.md": "---\nname: guest\ndescription: guest login\nexpires: 2026-01-31\n---\n\nGuests log in.\n",
}
FILES_AT_REST: dict[str, str | bytes] = {
    "MEMORY.md": "# Memory\n\n- [Ports](ports.md) — where things listen\n- [Guest](guest.md) — guest login\n",
    "ports.md": "# Ports\n\n- The API listens on port 8080.\n- The invoices are written in Spanish.\n",
    "api.md": "# API\n\n- The API now listens on port 9090, no longer 8080.\n- Backups are encrypted with age.\n",
    "guest.md": "# Guest\n\n- Guests log in with a code that the front desk gives them.\n",
    "key.md": "# Key\n\n- The token is ghp_16C7e42F292c6912E7710c838347Ae178B4a of the bot.\n",
    "image.png": b"\x89PNG",
}
"""A root in which the second dream finds nothing to do."""
FILES_BYTES: dict[str, bytes | None] = {name: text.encode() for name, text in FILES.items()}


def kinds(plan: Plan) -> list[ChangeKind]:
    return [change.kind for change in plan.changes]


def one(plan: Plan, kind: ChangeKind) -> str:
    (key,) = [change.key for change in plan.changes if change.kind is kind]
    return key


def fact(name: str, body: str, head: str = "type: project") -> str:
    return f"---\nname: {name}\ndescription: how requests are throttled\n{head}\n---\n\n{body}"
