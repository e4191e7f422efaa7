"""Background work of a dream."""

from __future__ import annotations

from threading import Event, Thread, current_thread, main_thread

import pytest

from kairos.dream.background import BackgroundWork


def test_work_runs_in_another_thread_in_order_and_close_waits_for_it() -> None:
    done: list[str] = []
    go_on = Event()

    def first() -> None:
        assert go_on.wait(60)
        done.append("first" if current_thread() is not main_thread() else "in the way")

    background = BackgroundWork()
    background.start(first)
    assert done == []
    go_on.set()
    background.start(lambda: done.append("second"))
    background.close()
    assert done == ["first", "second"]
    background.close()


def test_work_runs_at_once_if_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refused)
    done: list[str] = []
    background = BackgroundWork()
    background.start(lambda: done.append("first"))
    background.start(lambda: done.append("second"))
    background.close()
    assert done == ["first", "second"]
