"""Objects made while garbage collection is off are frozen, and its former state is restored afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from kairos.ml.memory import gc_paused, give_back


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_restored_and_ignores_new_objects(*, on: bool) -> None:
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        with suppress(KeyError), gc_paused():
            assert not gc.isenabled()
            made = [object()]
            raise KeyError
        assert gc.isenabled() is on
        assert not any(one is made for one in gc.get_objects())
    finally:
        (gc.enable if was_on else gc.disable)()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only there the size of a process is known")
@pytest.mark.parametrize(("large", "given"), [(0, [0]), (2**60, [])])
def test_only_a_large_process_gives_back_free_memory(
    monkeypatch: pytest.MonkeyPatch, large: int, given: list[int]
) -> None:
    asked: list[int] = []
    monkeypatch.setattr("kairos.ml.memory._LARGE", large)
    monkeypatch.setattr("kairos.ml.memory.ctypes.CDLL", lambda _: SimpleNamespace(malloc_trim=asked.append))
    give_back()
    assert asked == given
