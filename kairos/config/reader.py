"""Reads a section of the configuration from plain values, strictly: every fault is found, with its key path.

The classes of the sections are the schema: their annotations are the types, `Annotated` adds rules, and a ValueError
from their constructor is a fault of the keys in combination. An unknown key is a fault, null means the default, and
nothing is converted: "1" is not a number. The one exception is that a float may be written as a whole number.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterator, Mapping
from typing import (
    Annotated,
    Any,
    Literal,
    TypeGuard,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from kairos.config.section import Section

Path = tuple[int | str, ...]
S = TypeVar("S", bound=Section)

_EXPECTED = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
_KEYS: dict[str, Mapping[str, Any]] = {}
_NOTHING: Any = object()  # stands for a faulty value


def read_section(kind: type[S], value: object) -> tuple[S | None, tuple[str, ...]]:
    """Return the section of type `kind` that `value` describes (None if it has faults), and all its faults."""
    reader = _Reader(kind)
    section = reader.section(kind, value, ())
    return (None if section is _NOTHING else section), tuple(reader.faults)


class _Reader:
    def __init__(self, schema: type[Section]) -> None:
        self.faults: list[str] = []
        self._schema = schema

    def section(self, kind: type[Section], value: object, path: Path) -> Any:  # noqa: ANN401 - of that type
        if isinstance(value, str) and (name := getattr(kind, "SHORTHAND", None)):
            value = {name: value}
        if not isinstance(value, Mapping):
            return self._fault(path, "expected a mapping of keys to values", value)
        before = len(self.faults)
        known = keys_of(kind)
        given: dict[str, Any] = {}
        for name, hint in known.items():
            found = value.get(name)
            if found is not None:
                given[name] = self._value(hint, found, (*path, name))
            elif not hasattr(kind, name):
                self._fault((*path, name), "required, but missing")
        for name in value:
            if name not in known:
                self._fault((*path, str(name)), f"unknown key{self._suggestion(str(name), path)}")
        if len(self.faults) > before:
            return _NOTHING
        try:
            return kind(**given)
        except ValueError as error:
            return self._fault(path, str(error))

    def _value(self, hint: Any, value: object, path: Path) -> Any:  # noqa: ANN401, PLR0911 - any annotation, its value; a line for each kind
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self._ruled(arguments[0], arguments[1:], value, path)
        if origin in {Union, types.UnionType}:  # with None alone: null means the default
            return self._value(arguments[0], value, path)
        if origin is Literal:
            return value if value in arguments else self._fault(path, f"expected {_either(arguments)}", value)
        if origin is tuple:
            if not isinstance(value, list):
                return self._fault(path, "expected a list", value)
            return tuple(self._value(arguments[0], item, (*path, n)) for n, item in enumerate(value))
        if is_section(hint):
            return self.section(hint, value, path)
        return self._plain(hint, value, path)

    def _ruled(self, hint: Any, rules: tuple[Any, ...], value: object, path: Path) -> Any:  # noqa: ANN401
        found = self._value(hint, value, path)
        for rule in rules if found is not _NOTHING else ():
            try:
                rule(found)
            except ValueError as error:
                return self._fault(path, str(error), value)
        return found

    def _plain(self, kind: type, value: object, path: Path) -> Any:  # noqa: ANN401
        """Read a string, boolean or number; an integer is accepted for a float."""
        if type(value) is not kind and not (kind is float and type(value) is int):
            return self._fault(path, f"expected {_EXPECTED[kind]}", value)
        if kind is not float:
            return value
        try:
            number = float(cast("float", value))
        except OverflowError:
            number = math.inf
        return number if math.isfinite(number) else self._fault(path, "expected a finite number", value)

    def _fault(self, path: Path, sentence: str, value: object = _NOTHING) -> Any:  # noqa: ANN401
        from kairos.config.faults import fault  # noqa: PLC0415 - not needed for a valid file

        self.faults.append(fault(path, sentence) if value is _NOTHING else fault(path, sentence, value))
        return _NOTHING

    def _suggestion(self, wrong: str, path: Path) -> str:
        from kairos.config.faults import suggestion  # noqa: PLC0415 - as above

        return suggestion(wrong, tuple(part for part in path if isinstance(part, str)), self._schema)


def keys_of(section: type[Section]) -> Mapping[str, Any]:
    """Return the keys of a section with their annotations."""
    name = section.__name__
    if name not in _KEYS:
        hints = get_type_hints(section, include_extras=True)
        _KEYS[name] = {key: hints[key] for key in section.names()}
    return _KEYS[name]


def is_section(hint: object) -> TypeGuard[type[Section]]:
    """Whether an annotation is the type of a section."""
    return isinstance(hint, type) and issubclass(hint, Section)


def sections(
    schema: type[Section], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], type[Section]]]:
    """Yield the key path and the type of every section of a schema; items of a list have the path of the list."""
    yield path, schema
    for name, hint in keys_of(schema).items():
        for part in (hint, *get_args(hint)):
            if is_section(part):
                yield from sections(part, (*path, name))


def _either(allowed: tuple[Any, ...]) -> str:
    *others, last = map(repr, allowed)
    return f"{', '.join(others)} or {last}" if others else last
