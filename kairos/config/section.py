"""The building blocks of the schema: frozen sections, rules for values, and types that several sections use.

`kairos.config.reader` reads sections from plain values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NoReturn, Self, dataclass_transform

Rule = Callable[..., None]
"""Raises ValueError, saying what was expected, for an invalid value."""

SECTIONS: dict[str, type[Section]] = {}
"""All section classes by name."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Section:
    """A frozen value whose fields are declared by annotations, as in a dataclass.

    Not a dataclass, because those generate and compile code at every start of the program: for all sections together,
    that takes longer than starting Python. `check` validates the fields in combination.
    """

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - each field has its own type
        for name in self.names():
            if name in given:
                self.__dict__[name] = given.pop(name)
            elif hasattr(type(self), name):
                self.__dict__[name] = getattr(type(self), name)
            else:
                raise TypeError(f"{type(self).__name__} needs a value for {name}")
        if given:
            raise TypeError(f"{type(self).__name__} has no {', '.join(given)}")
        self.check()

    def __init_subclass__(cls) -> None:
        SECTIONS[cls.__name__] = cls

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all fields, in order of declaration."""
        return tuple(name for name in cls.__annotations__ if name.islower())

    def check(self) -> None:
        """Raise ValueError if the fields contradict each other."""

    def replaced(self, **values: Any) -> Self:  # noqa: ANN401 - as above
        """Return a copy with some values replaced."""
        return type(self)(**self.__dict__ | values)

    def to_value(self) -> dict[str, Any]:
        """Return the fields as plain values: mappings, lists, strings, numbers."""
        return {name: _plain(value) for name, value in self.__dict__.items()}

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be taken away")

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        listed = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({listed})"


def _plain(value: object) -> Any:  # noqa: ANN401 - any plain value
    if isinstance(value, Section):
        return value.to_value()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def at_least(bound: float) -> Rule:
    """Return the rule that a number is `bound` or more."""

    def rule(value: float) -> None:
        if value < bound:
            raise ValueError(f"expected at least {bound}")

    return rule


def at_most(bound: float) -> Rule:
    """Return the rule that a number is `bound` or less."""

    def rule(value: float) -> None:
        if value > bound:
            raise ValueError(f"expected at most {bound}")

    return rule


def above(bound: float) -> Rule:
    """Return the rule that a number is more than `bound`."""

    def rule(value: float) -> None:
        if value <= bound:
            raise ValueError(f"expected more than {bound}")

    return rule


def absolute(path: str) -> None:
    """Raise ValueError for a path that is neither absolute nor starts with `~/`, or has a NUL character."""
    if not path.startswith(("/", "~/")) and path != "~":
        raise ValueError("expected an absolute path, or one that starts with ~/")
    if "\0" in path:
        raise ValueError("expected a path without a NUL character")


AbsolutePath = Annotated[str, absolute]
Amount = Annotated[float, at_least(0)]
Fraction = Annotated[float, at_least(0), at_most(1)]
