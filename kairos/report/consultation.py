"""The report's section on the language model: what it settled, and what that cost."""

from __future__ import annotations

from collections.abc import Iterator

from kairos.core.judgement.consultation import Consultation
from kairos.core.text.counts import count
from kairos.report.page import Page


def consultation_section(page: Page, consultation: Consultation | None) -> None:
    """Write what the language model settled and what it cost; nothing if it was not needed."""
    if consultation is None or not (consultation.calls or consultation.settled or consultation.in_doubt):
        return
    page.heading("Language model")
    for sentence in consultation_sentences(consultation):
        page.line(sentence, indent=2)


def consultation_sentences(consultation: Consultation) -> Iterator[str]:
    """Yield two sentences: how many pairs were settled, and how much was spent."""
    pairs = count(consultation.settled, "pair")
    remembered = (
        f", {consultation.remembered:,} of them from earlier answers" if consultation.remembered else ""
    )
    asked = f"{consultation.model} ({consultation.provider})"
    yield f"{asked}: {pairs} settled, {consultation.in_doubt:,} left in doubt{remembered}."
    yield f"{_spent(consultation)}."


def _spent(consultation: Consultation) -> str:
    parts = [
        count(consultation.calls, "call"),
        f"{consultation.tokens_in:,} tokens in and {consultation.tokens_out:,} out",
    ]
    if consultation.tokens_assumed:
        parts.append(f"at most {consultation.tokens_assumed:,} more that the server did not report")
    if consultation.cost is not None:
        parts.append(f"cost {consultation.cost:,.4f}")
    return ", ".join(parts)
