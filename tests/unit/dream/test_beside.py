"""Background work of a dream."""

from __future__ import annotations

from threading import Event, Thread, current_thread, main_thread

import pytest

from kairos.dream.beside import Beside


def test_work_runs_in_another_thread_in_order_and_close_waits_for_it() -> None:
    done: list[str] = []
    go_on = Event()

    def first() -> None:
        assert go_on.wait(60)
        done.append("first" if current_thread() is not main_thread() else "in the way")

    beside = Beside()
    beside.do(first)
    assert done == []
    go_on.set()
    beside.do(lambda: done.append("second"))
    beside.close()
    assert done == ["first", "second"]
    beside.close()


def test_work_runs_at_once_if_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refused)
    done: list[str] = []
    beside = Beside()
    beside.do(lambda: done.append("first"))
    beside.do(lambda: done.append("second"))
    beside.close()
    assert done == ["first", "second"]
