"""The features of a pair."""

from kairos.core.judgement.signals import Signals, signals
from kairos.core.markdown.claims import statement_of_text


def compared(a: str, b: str) -> Signals:
    return signals(statement_of_text(a), statement_of_text(b), lambda _one, _other: 1.0)


def test_where_more_is_told_is_no_value_that_the_other_text_lacks() -> None:
    found = compared(
        "Boxes are paid on the 1st. The rest is in sales.md.", "Boxes are paid on the 1st of May."
    )
    assert found.missing_in_b == ()
    assert compared("Prices are in sales.md.", "Prices are in costs.md.").clash_identifier
