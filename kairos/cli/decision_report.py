"""Reports what a person's decision led to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kairos.cli.access import home
from kairos.cli.terminal import page, print_json
from kairos.core.planning.conflicts import ALONE
from kairos.errors import ExitCode
from kairos.report.dream import ending
from kairos.report.sections import skipped_section
from kairos.report.values import dream_value

if TYPE_CHECKING:
    from kairos.dream import Outcome


def report_decision(sentence: str, outcome: Outcome, *, as_json: bool) -> ExitCode:
    """Print the sentence and what was done, or the outcome as JSON; returns the exit code."""
    receipt = outcome.receipt
    code = ExitCode.PARTIAL if outcome.status == "partial" else ExitCode.OK
    if as_json:
        print_json(dream_value(outcome))
        return code
    sheet = page()
    sheet.line((sentence, "bold"))
    if receipt is None:
        return code
    for change in outcome.plan.changes:
        for item in change.evidence:
            if item.kind == ALONE:
                sheet.line(item.text, indent=2)
    for path in receipt.written:
        sheet.line(f"written: {path}", indent=2)
    for path in receipt.removed:
        sheet.line(f"removed: {path}", indent=2)
    skipped_section(sheet, outcome.skipped)
    ending(sheet, outcome, home=home())
    return code
