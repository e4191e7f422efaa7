"""The report of one dream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kairos.core.judgement.consultation import Consultation
from kairos.core.root.figures import Alert, Exposure, Recall
from kairos.core.text.counts import count
from kairos.model import IndexSize, Plan, Receipt, Skip
from kairos.report.consultation import consultation_section
from kairos.report.findings import alerts_section, exposures_section, recall_section
from kairos.report.page import Page
from kairos.report.phrases import shell_path, short_path
from kairos.report.sections import (
    conflicts_section,
    dates_section,
    index_section,
    merges_section,
    removals_section,
    skipped_section,
)
from kairos.report.waiting import waiting_section
from kairos.report.wording import headline


class Finished(Protocol):
    """What the report needs from the outcome of a dream."""

    @property
    def plan(self) -> Plan:
        """The plan."""

    @property
    def status(self) -> str:
        """One of "preview", "reported", "nothing", "applied", "partial", "declined"."""

    @property
    def receipt(self) -> Receipt | None:
        """What was written; None if nothing was."""

    @property
    def dream(self) -> int | None:
        """The dream's number; None if it was not recorded."""

    @property
    def first(self) -> bool:
        """Whether this was the root's first dream."""

    @property
    def skipped(self) -> Sequence[Skip]:
        """Everything that was left alone."""

    @property
    def notices(self) -> Sequence[str]:
        """What Kairos had to do to its own files."""

    @property
    def before(self) -> Mapping[str, bytes | None] | None:
        """The contents of the files that the plan edits, before the plan."""

    @property
    def after(self) -> Mapping[str, bytes | None] | None:
        """The contents of the same files after the plan."""

    @property
    def recall(self) -> Recall:
        """How many searches for merged content still find its witness."""

    @property
    def exposures(self) -> Sequence[Exposure]:
        """Credentials found in the notes: where and of which kind."""

    @property
    def alerts(self) -> Sequence[Alert]:
        """Suspicious changes to notes that nobody has acknowledged yet."""

    @property
    def consultation(self) -> Consultation | None:
        """How a language model was used; None if none is configured."""


def dream_report(page: Page, outcome: Finished, *, home: str, budget: IndexSize | None = None) -> None:
    """Write a dream's report, except for its ending."""
    plan_report(page, outcome.plan, home=home, done=outcome.receipt is not None, budget=budget)
    recall_section(page, outcome.recall)
    consultation_section(page, outcome.consultation)
    alerts_section(page, outcome.alerts, shell_path(outcome.plan.root, home))
    exposures_section(page, outcome.exposures)
    skipped_section(
        page, outcome.skipped, rest="" if outcome.dream is None else f"kairos show {outcome.dream}"
    )
    if outcome.notices:
        page.heading("Notices")
    for notice in outcome.notices:
        page.line(notice, indent=2)


def plan_report(
    page: Page, plan: Plan, *, home: str, done: bool = False, budget: IndexSize | None = None
) -> None:
    """Write what a plan would do or, if `done`, what it did."""
    root = shell_path(plan.root, home)
    page.gap()
    page.line((short_path(plan.root, home), "bold cyan"), (f"  {plan.layout}", "dim"))
    page.line((headline(plan, done=done), "bold"))
    merges_section(page, plan.changes, done=done)
    conflicts_section(page, plan.conflicts, root)
    removals_section(page, plan.changes, done=done)
    dates_section(page, plan.changes)
    index_section(page, plan, budget)
    waiting_section(page, plan.proposals, root)


def ending(page: Page, outcome: Finished, *, home: str) -> None:
    """Write how the dream ended, and which commands the user can run next."""
    root = shell_path(outcome.plan.root, home)
    page.gap()
    if outcome.receipt is not None:
        _receipt_lines(page, outcome, outcome.receipt, root)
        return
    planned = bool(outcome.plan.changes)
    why = _why_unchanged(outcome.status, first=outcome.first, planned=planned)
    waits = (
        f" {_waiting_sentence(outcome)}"
        if outcome.status != "preview" and _waiting_count(outcome.plan)
        else ""
    )
    page.line((why + waits, "bold"))
    if outcome.status == "nothing" or not planned:
        return
    page.command("To apply it:           ", f"kairos dream {root} --yes")
    if outcome.status != "preview":
        page.command("To see every edit:     ", f"kairos dream {root} --dry-run")
    if waits:
        page.command("To decide one by one:  ", f"kairos proposals {root}")


def _waiting_count(plan: Plan) -> int:
    """Count what a dream that only reported left for a person to decide. Derived changes do not count."""
    return len(plan.proposals) + sum(not change.derived for change in plan.changes)


def _waiting_sentence(outcome: Finished) -> str:
    number = _waiting_count(outcome.plan)
    if not outcome.plan.changes:
        return "The proposals wait for you."
    return f"{count(number, 'change waits', 'changes wait')} for you."


def _why_unchanged(status: str, *, first: bool, planned: bool) -> str:
    if status == "preview":
        return "Nothing was changed: this was a dry run."
    if not planned:
        return "There was nothing to change."
    if status == "declined":
        return "Nothing was changed: you declined."
    if first:
        return "Nothing was changed: the first dream of a directory only reports."
    return "Nothing was changed: there is no terminal to ask on."


def _receipt_lines(page: Page, outcome: Finished, receipt: Receipt, root: str) -> None:
    number = str(outcome.dream) if outcome.dream is not None else f"t{receipt.transaction}"
    written, removed = len(receipt.written), len(receipt.removed)
    words = f"{count(written, 'file')} written, {removed} removed; the originals are kept."
    page.line((words if written or removed else "No file had to change.", "bold"))
    page.command("To undo all of it:   ", f"kairos undo {root} {number}")
    if outcome.dream is not None:
        page.command("To see every change: ", f"kairos show {outcome.dream}")
