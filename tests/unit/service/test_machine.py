from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kairos_service.clock import SystemClock, local_zone
from kairos_service.machine import Power, load_per_core, power

MAINS = {"type": "Mains", "online": "1"}
UNPLUGGED = {"type": "Mains", "online": "0"}
MOUSE = {"type": "Battery", "scope": "Device", "status": "Discharging", "capacity": "3"}


def battery(status: str, capacity: str = "80") -> dict[str, str]:
    return {"type": "Battery", "present": "1", "status": status, "capacity": capacity}


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ([], Power(None, None)),
        ([MAINS], Power(None, None)),
        ([MAINS, MOUSE], Power(None, None)),
        ([MAINS, {"type": "Battery", "present": "0", "status": "Unknown"}], Power(None, None)),
        ([MAINS, battery("Charging")], Power(on_battery=False, percent=80)),
        (
            [UNPLUGGED, battery("Discharging", "20"), battery("Not charging", "90")],
            Power(on_battery=True, percent=55),
        ),
        ([battery("Discharging", "20")], Power(on_battery=True, percent=20)),
        ([MAINS, battery("Discharging", "20")], Power(on_battery=False, percent=20)),
        ([{"type": "USB", "online": "1"}, battery("Full", "100")], Power(on_battery=False, percent=100)),
        ([battery("Discharging", "nonsense")], Power(on_battery=True, percent=None)),
        ([MOUSE, battery("Full")], Power(on_battery=False, percent=80)),
    ],
)
def test_power_is_read_from_sysfs(tmp_path: Path, supplies: list[dict[str, str]], expected: Power) -> None:
    for number, supply in enumerate(supplies):
        directory = tmp_path / "sys/class/power_supply" / f"supply{number}"
        directory.mkdir(parents=True)
        for name, text in supply.items():
            (directory / name).write_text(f"{text}\n", encoding="utf-8")
    assert power(tmp_path) == expected


def test_load_and_power_of_this_machine_can_be_read() -> None:
    load = load_per_core(cores=1)
    assert load is None or load >= 0
    percent = power().percent
    assert percent is None or 0 <= percent <= 100


def test_the_clock_is_timezone_aware_and_monotonic() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is not None
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", ":Asia/Tokyo", "EST5EDT,M3.2.0,M11.1.0", "Nowhere/AtAll", ""]
)
def test_any_local_zone_gives_the_local_offset(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("TZ", name)
    time.tzset()
    try:
        assert datetime.now(local_zone()).utcoffset() == datetime.now(UTC).astimezone().utcoffset()
    finally:
        monkeypatch.undo()
        time.tzset()
