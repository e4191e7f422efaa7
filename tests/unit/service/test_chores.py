"""Chores: background tasks that end with the main loop."""

from __future__ import annotations

import asyncio
import errno

import pytest

from kairos_service.chores import Chores


def test_cancelling_ends_all_chores_and_starts_no_more() -> None:
    assert asyncio.run(_begun()) == ["early"]


async def _begun() -> list[str]:
    chores = Chores()
    begun: list[str] = []

    async def note(name: str) -> None:
        begun.append(name)

    async def wait_and_ask() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            chores.start("at its end", note("at its end"))

    chores.start("waits", wait_and_ask())
    chores.start("early", note("early"))
    await asyncio.sleep(0)
    await chores.cancel()
    chores.coalesce("later", lambda: note("later"))
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return begun


def test_running_out_of_file_descriptors_is_not_logged_as_a_defect(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(error: Exception) -> None:
        raise error

    async def main() -> None:
        chores = Chores()
        chores.start("short", fails(OSError(errno.EMFILE, "Too many open files")))
        chores.start("broken", fails(ValueError("oh")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert [bool(record.exc_info) for record in caplog.records] == [False, True]
    assert "please report it" not in caplog.messages[0]
