from __future__ import annotations

import io

import pytest
from rich.console import Console

from kairos.core.judgement.consultation import Consultation
from kairos.report.consultation import consultation_section
from kairos.report.page import Page


def text_of(consultation: Consultation | None) -> str:
    stream = io.StringIO()
    consultation_section(Page(Console(file=stream, width=100)), consultation)
    return stream.getvalue()


def test_the_results_and_the_cost_are_reported() -> None:
    asked = Consultation("openai", "tiny", 4, 2_500, 310, 0, 0.00375, settled=12, in_doubt=3, remembered=5)
    assert text_of(asked) == (
        "Language model\n"
        "  tiny (openai): 12 pairs settled, 3 left in doubt, 5 of them from earlier answers.\n"
        "  4 calls, 2,500 tokens in and 310 out, cost 0.0037.\n"
    )


def test_assumed_tokens_are_reported() -> None:
    asked = Consultation("openai", "tiny", 1, tokens_assumed=9_000, in_doubt=1)
    assert "1 call, 0 tokens in and 0 out, at most 9,000 more" in text_of(asked)
    assert "cost" not in text_of(asked)


def test_control_characters_in_a_model_name_are_escaped() -> None:
    assert "\x1b" not in text_of(Consultation("openai", "\x1b[2Jtiny", 1))


@pytest.mark.parametrize("consultation", [None, Consultation("openai", "tiny")])
def test_nothing_is_reported_if_nothing_was_in_doubt(consultation: Consultation | None) -> None:
    assert text_of(consultation) == ""
