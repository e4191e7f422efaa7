"""The state of the machine: its load and its power supply; and returning free memory to it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/")
_SUPPLIES = "sys/class/power_supply"
_LINES = ("Mains", "USB", "Wireless")


@dataclass(frozen=True, slots=True)
class Power:
    """Whether the machine runs on battery, and how full that is in percent; None if unknown."""

    on_battery: bool | None
    percent: float | None


def load_per_core(cores: int | None = None) -> float | None:
    """Return the one-minute load average per processor, or None if the system has none."""
    try:
        return os.getloadavg()[0] / (cores or os.cpu_count() or 1)
    except OSError:
        return None


def power(root: Path = _ROOT) -> Power:
    """Return where the power comes from, according to the kernel's list of supplies.

    Batteries of peripherals (mice, headsets) do not count. The machine is on battery if a battery is discharging and no
    line supply is online.
    """
    supplies = tuple(_supplies(root))
    batteries = [supply for supply in supplies if supply.get("type") == "Battery"]
    if not batteries:
        return Power(on_battery=None, percent=None)
    levels = [level for battery in batteries if (level := _number(battery.get("capacity", ""))) is not None]
    plugged_in = any(supply.get("type") in _LINES and supply.get("online") == "1" for supply in supplies)
    discharging = any(battery.get("status") == "Discharging" for battery in batteries)
    return Power(discharging and not plugged_in, sum(levels) / len(levels) if levels else None)


def give_back_memory() -> None:
    """Return free heap memory to the system: after a lot of work the C library would keep it, fragmented, for good."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # the GNU library's
    if trim is not None:
        trim(0)


def _supplies(root: Path) -> Iterable[Mapping[str, str]]:
    try:
        directories = sorted((root / _SUPPLIES).iterdir())
    except OSError:
        return
    for directory in directories:
        names = ("type", "scope", "present", "online", "status", "capacity")
        supply = {name: text for name in names if (text := _text(directory / name)) is not None}
        if supply.get("scope") != "Device" and supply.get("present") != "0":
            yield supply


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
