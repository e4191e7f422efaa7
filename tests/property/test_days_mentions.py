from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from kairos.core.dates.days import mentions

DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 12, 31))


@given(
    DAYS, st.sampled_from(["{:%Y-%m-%d}", "{:%d.%m.%Y}", "{:%d %B %Y}", "{:%B %d, %Y}", "{:%Y年%m月%d日}"])
)
def test_every_day_is_read_back(day: date, form: str) -> None:
    (found,) = mentions(f"a {form.format(day)} b", reference=None)
    assert found.first == found.last == day


@given(st.text(alphabet="0123456789-/. mayMAI年月日until\n", max_size=60), DAYS)
def test_any_text_gives_ordered_ranges_inside_it(text: str, reference: date) -> None:
    end = 0
    for found in mentions(text, reference=reference):
        assert end <= found.start < found.end <= len(text)
        assert found.first <= found.last
        end = found.end
