"""What to say after a person decided something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kairos.cli.access import home
from kairos.errors import ExitCode
from kairos.report.dream import ending
from kairos.report.sections import skipped_section

if TYPE_CHECKING:
    from kairos.dream import Outcome
    from kairos.report.page import Page


def report_decision(sheet: Page, sentence: str, outcome: Outcome) -> ExitCode:
    """Write the sentence and what was done; returns the exit code."""
    sheet.line((sentence, "bold"))
    receipt = outcome.receipt
    if receipt is None:
        return ExitCode.OK
    for path in receipt.written:
        sheet.line(f"written: {path}", indent=2)
    for path in receipt.removed:
        sheet.line(f"removed: {path}", indent=2)
    skipped_section(sheet, receipt.skipped)
    ending(sheet, outcome, home=home())
    return ExitCode.PARTIAL if receipt.skipped else ExitCode.OK
