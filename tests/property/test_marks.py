from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kairos.core.judgement.marks import Mark, marked
from kairos.core.values.quantities import quantities
from kairos.core.values.values import normal_form

_PIECES = st.sampled_from(
    "the kiln never 90 min 1.5 h 17:00 5pm 1.500,50 € twenty-five 二十三天 十二 2026-03-02 2. März Monday "
    "foo_bar --force https://a.b/c don’t no longer 改为 ½ ﬁ ﷺ ＡＢ１２ e\u0301 \u0338 caf\udce9 50% "
    "#12 v1.2.3 # ~/x".split()
)
_TEXTS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map(" ".join))


@given(_TEXTS, _TEXTS)
def test_each_character_has_one_mark_and_sides_are_exchanged(a: str, b: str) -> None:
    one, other = marked(a, b)
    for side, text in ((one, a), (other, b)):
        assert side.text == normal_form(text)
        assert len(side.marks) == len(side.text)
        assert set(side.marks) <= set(Mark)
    assert marked(b, a) == (other, one)


@given(_TEXTS)
def test_a_text_compared_with_itself_has_nothing_of_its_own(text: str) -> None:
    one, other = marked(text, text)
    assert one == other
    assert not {Mark.OWN, Mark.VALUE_OWN} & set(one.marks)


@given(_TEXTS)
def test_the_spans_of_numbers_are_right(text: str) -> None:
    normal, end = normal_form(text), 0
    for quantity in quantities(normal):
        start = quantity.span[0]
        assert end <= start < quantity.span[1] <= len(normal)
        assert normal[slice(*quantity.span)].strip() == quantity.text.strip()
        end = quantity.span[1]
