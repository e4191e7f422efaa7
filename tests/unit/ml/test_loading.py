"""Loading a model in the background: once, waited for, and without an error if it fails."""

from __future__ import annotations

from threading import Event

import pytest

from kairos.ml.loading import BackgroundLoad


def test_a_model_is_loaded_once_and_waited_for() -> None:
    loaded: list[int] = []
    may_load = Event()

    def load() -> None:
        may_load.wait(60)
        loaded.append(1)

    loading = BackgroundLoad(load)
    loading.begin()
    loading.begin()
    may_load.set()
    loading.wait()
    assert loaded == [1]


def test_a_model_is_loaded_again_after_a_reset() -> None:
    loaded: list[int] = []
    loading = BackgroundLoad(lambda: loaded.append(1))
    for _ in range(2):
        loading.begin()
        loading.reset()
    assert loaded == [1, 1]


def test_waiting_without_a_start_loads_nothing() -> None:
    BackgroundLoad(lambda: pytest.fail("it was not to be loaded")).wait()


def test_an_error_while_loading_is_ignored() -> None:
    def load() -> None:
        raise OSError("no such file")

    loading = BackgroundLoad(load)
    loading.begin()
    loading.wait()


@pytest.mark.usefixtures("no_threads")
def test_nothing_is_loaded_if_no_thread_can_be_started() -> None:
    loading = BackgroundLoad(lambda: pytest.fail("there was no thread"))
    loading.begin()
    loading.wait()
