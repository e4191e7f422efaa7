"""Work that is done beside a dream."""

from __future__ import annotations

from threading import Event, current_thread, main_thread

from kairos.dream.beside import Beside


def test_work_is_done_in_another_thread_one_piece_after_the_other_and_waited_for() -> None:
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
