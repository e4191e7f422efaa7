"""What a dream found besides its plan: recall after merges, credentials in notes, and suspicious changes."""

from __future__ import annotations

from collections.abc import Sequence

from kairos.core.root.figures import RECALL_AT, Alert, Exposure, Recall
from kairos.core.text.counts import count
from kairos.report.page import Page

_LISTED = 12
"""How many credentials, or alerts, are listed at most."""


def recall_section(page: Page, recall: Recall) -> None:
    """Write how many searches for removed content still find its witness; nothing if none were made."""
    if not recall.probes:
        return
    page.heading("Recall")
    verb = "finds" if recall.passed == 1 else "find"
    page.line(
        f"Of {count(recall.probes, 'search', 'searches')} for merged text, {recall.passed:,} still {verb} what "
        f"replaces it among the first {RECALL_AT} results"
        + ("." if recall.passed == recall.probes else "; the other changes wait for you."),
        indent=2,
    )


def exposures_section(page: Page, exposures: Sequence[Exposure]) -> None:
    """Write where the notes contain credentials, and never the credentials themselves."""
    if not exposures:
        return
    page.heading("Credentials in notes")
    for exposure in exposures[:_LISTED]:
        page.line((f"{exposure.file}:{exposure.line}", "cyan"), f" {exposure.kind}", indent=2)
    if len(exposures) > _LISTED:
        page.line((f"and {len(exposures) - _LISTED} more", "dim"), indent=2)
    page.line(
        (
            "Anyone who reads these notes can use them: revoke them, and keep new ones in a password manager.",
            "dim",
        ),
        indent=2,
    )


def alerts_section(page: Page, alerts: Sequence[Alert], root: str) -> None:
    """Write the alerts about suspicious changes to notes, and the command that acknowledges them."""
    if not alerts:
        return
    page.heading("Check these")
    for alert in alerts[:_LISTED]:
        page.line((alert.path, "cyan"), (f": {alert.words}.", "yellow"), indent=2)
    if len(alerts) > _LISTED:
        page.line((f"and {len(alerts) - _LISTED} more", "dim"), indent=2)
    page.line(("No agent known to Kairos does this.", "dim"), indent=2)
    page.command("once you have seen them: ", f"kairos status --seen {root}", indent=2)
