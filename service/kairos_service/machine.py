"""What the machine is up to: its load, where its power comes from, and the memory that it gets back."""

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
    """Whether the machine runs on its battery, and how full that is; None where nobody can say."""

    on_battery: bool | None
    percent: float | None


def load_per_core(cores: int | None = None) -> float | None:
    """Return the load average of the last minute for each processor, or None where the system has none."""
    try:
        return os.getloadavg()[0] / (cores or os.cpu_count() or 1)
    except OSError:
        return None


def power(root: Path = _ROOT) -> Power:
    """Return where the power comes from, by the kernel's list of supplies.

    Batteries of mice and headsets do not count. A line that is plugged in decides; without one that says so,
    a battery that discharges does.
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
    """Give the system what is free on the heap: after much work the C library keeps it, in pieces, for good."""
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
