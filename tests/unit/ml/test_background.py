"""Calls in another thread: in their order, one at a time, and none where there is no thread."""

from __future__ import annotations

from functools import partial
from threading import Event, Thread, current_thread

import pytest

from kairos.ml.background import in_background


def test_calls_run_in_another_thread_in_their_order() -> None:
    may_run, ran = Event(), list[int]()

    def call(number: int) -> Thread:
        may_run.wait(60)
        ran.append(number)
        return current_thread()

    begun = in_background(*(partial(call, number) for number in range(3)))
    assert ran == []
    may_run.set()
    (thread,) = {one.result() for one in begun}
    assert thread is not current_thread()
    assert ran == [0, 1, 2]


def test_what_fails_is_told_to_who_wants_the_result() -> None:
    def fail() -> None:
        raise OSError("no such file")

    (begun,) = in_background(fail)
    with pytest.raises(OSError, match="no such file"):
        begun.result()


@pytest.mark.usefixtures("no_threads")
def test_without_a_thread_nothing_is_begun() -> None:
    assert in_background(lambda: pytest.fail("there was no thread")) == []
