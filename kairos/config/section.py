"""What the parts of the configuration are made of: the rules that a value must keep, and the types that several
of them use.

A section is a frozen dataclass whose every field has a default that is what somebody gets who says nothing. A rule is
a function that raises ValueError with what it expected. `kairos.config.reader` reads sections from plain values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

Rule = Callable[..., None]
"""Raises ValueError, with a sentence of what was expected, for a value that will not do."""


def at_least(bound: float) -> Rule:
    """Return the rule that a number is not below `bound`."""

    def rule(value: float) -> None:
        if value < bound:
            raise ValueError(f"expected at least {bound}")

    return rule


def at_most(bound: float) -> Rule:
    """Return the rule that a number is not above `bound`."""

    def rule(value: float) -> None:
        if value > bound:
            raise ValueError(f"expected at most {bound}")

    return rule


def above(bound: float) -> Rule:
    """Return the rule that a number is above `bound`."""

    def rule(value: float) -> None:
        if value <= bound:
            raise ValueError(f"expected more than {bound}")

    return rule


def absolute(path: str) -> None:
    """Demand a path that is absolute or starts in the home directory."""
    if not path.startswith(("/", "~/")) and path != "~":
        raise ValueError("expected an absolute path, or one that starts with ~/")
    if "\0" in path:
        raise ValueError("expected a path without a NUL character")


AbsolutePath = Annotated[str, absolute]
Amount = Annotated[float, at_least(0)]
Fraction = Annotated[float, at_least(0), at_most(1)]
