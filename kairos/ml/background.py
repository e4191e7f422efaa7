"""Starts calls in another thread, for callers that can do without."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_background(*calls: Callable[[], T]) -> list[Future[T]]:
    """Run `calls` one after another in a thread of their own; returns their futures at once, in the same order.

    Returns none if no thread can be started: whoever wants a result then computes it.
    """
    executor = ThreadPoolExecutor(1)
    begun: list[Future[T]] = []
    try:
        begun.extend(map(executor.submit, calls))
    except RuntimeError:
        return begun
    finally:
        executor.shutdown(wait=False)
    return begun
