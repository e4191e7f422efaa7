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
FILES_BYTES: dict[str, bytes | None] = {name: text.encode() for name, text in FILES.items()}


def kinds(plan: Plan) -> list[ChangeKind]:
    return [change.kind for change in plan.changes]


def one(plan: Plan, kind: ChangeKind) -> str:
    (key,) = [change.key for change in plan.changes if change.kind is kind]
    return key


def fact(name: str, body: str, head: str = "type: project") -> str:
    return f"---\nname: {name}\ndescription: how requests are throttled\n{head}\n---\n\n{body}"
