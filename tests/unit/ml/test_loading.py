"""Loading a model in the background: once, waited for, and without an error if it fails."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from kairos.ml.loading import LoadedBeside


def test_it_is_loaded_once_and_waited_for() -> None:
    loaded: list[int] = []
    may_load = Event()

    def load() -> None:
        may_load.wait(60)
        loaded.append(1)

    loading = LoadedBeside(load)
    loading.begin()
    loading.begin()
    may_load.set()
    loading.wait()
    assert loaded == [1]


def test_what_was_let_go_of_is_loaded_anew() -> None:
    loaded: list[int] = []
    loading = LoadedBeside(lambda: loaded.append(1))
    for _ in range(2):
        loading.begin()
        loading.let_go()
    assert loaded == [1, 1]


def test_nothing_is_waited_for_that_was_not_begun() -> None:
    LoadedBeside(lambda: pytest.fail("it was not to be loaded")).wait()


def test_what_is_wrong_is_left_to_the_model_to_say() -> None:
    def load() -> None:
        raise OSError("no such file")

    loading = LoadedBeside(load)
    loading.begin()
    loading.wait()


def test_where_no_thread_is_to_be_had_nothing_is_loaded_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refused)
    loading = LoadedBeside(lambda: pytest.fail("there was no thread"))
    loading.begin()
    loading.wait()
