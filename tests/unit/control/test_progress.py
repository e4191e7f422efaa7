from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.control.progress import LONGEST_LINE, Step, read_step, step_line

SIZES = st.integers(min_value=0, max_value=2**40)


@settings(deadline=None)
@given(st.sampled_from(["read", "embed", "judge", "ask", "plan", "apply"]), SIZES, SIZES)
def test_a_step_is_read_back_from_its_line(stage: str, done: int, of: int) -> None:
    step = Step(stage, done, of)
    assert read_step(step_line(step)) == step
    assert len(step_line(step)) <= LONGEST_LINE


@settings(deadline=None)
@given(st.binary())
def test_any_other_bytes_are_no_step(data: bytes) -> None:
    assert read_step(data) is None


@pytest.mark.parametrize("value", [None, True, 1.5, "a\x1b[2J", "x" * 100, [], {}, [[1]]])
def test_any_other_value_is_no_step(value: object) -> None:
    assert read_step(json.dumps({"stage": value, "done": 1, "of": 1}).encode()) is None
    assert read_step(json.dumps({"stage": "read", "done": value, "of": 1}).encode()) is None
