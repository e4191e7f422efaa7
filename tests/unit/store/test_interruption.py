from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from kairos.store.interruption import Interruption, Terminated


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    """An interruption that listens for signals during the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    listening = Interruption()
    listening.listen()
    yield listening
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_a_signal_is_raised_at_once(interruption: Interruption) -> None:
    interruption.check()
    with pytest.raises(Terminated):
        send(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)


def test_a_signal_waits_for_the_end_of_the_outermost_block(interruption: Interruption) -> None:
    reached = []
    with pytest.raises(Terminated):  # noqa: PT012 - the test is about where it is raised
        with interruption.held_back():
            with interruption.held_back():
                send(signal.SIGTERM)
                reached.append("inner")
            interruption.check()
            reached.append("outer")
        reached.append("after")
    assert reached == ["inner", "outer"]


def test_a_signal_is_raised_even_if_the_block_fails(interruption: Interruption) -> None:
    @interruption.held_back()
    def fail() -> None:
        send(signal.SIGINT)
        raise ValueError("of the block")

    with pytest.raises(KeyboardInterrupt) as caught:
        fail()
    assert isinstance(caught.value.__context__, ValueError)


def test_a_signal_lost_in_a_destructor_is_raised_at_the_next_step(
    interruption: Interruption, capfd: pytest.CaptureFixture[str]
) -> None:
    class Deaf:
        def __del__(self) -> None:
            with suppress(BaseException):  # as the interpreter does
                send(signal.SIGTERM)

    Deaf().__del__()
    with pytest.raises(Terminated):
        interruption.check()
    with pytest.raises(Terminated), interruption.held_back():
        pass
    assert capfd.readouterr().err == ""
