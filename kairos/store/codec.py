"""Values of the model as JSON and back. Standard library only: `kairos status` starts with it."""

from __future__ import annotations

import base64
import dataclasses
import json
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from kairos.errors import StateError

T = TypeVar("T")

_TAG = "is"
_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(value: object) -> str:
    """A value of the model as ASCII JSON; bytes become base64, lone surrogates stay escapes."""
    return json.dumps(_encode(value), separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """The value of type `kind` (also `tuple[Skip, ...]` and the like) that `to_json` wrote; raises StateError."""
    with understood():
        return _decode(kind, json.loads(text))  # type: ignore[no-any-return]


@contextmanager
def understood() -> Iterator[None]:
    """Turn what goes wrong while a part of the state is read into a StateError: the state may be damaged or forged."""
    try:
        yield
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise StateError(
            f"A part of the state cannot be read ({type(error).__name__}).",
            "`kairos check` says which; a backup of the state directory has it whole.",
        ) from error


def _encode(value: object) -> Any:  # noqa: ANN401 - any JSON out
    kind: Any = type(value)
    return value if kind in _PLAIN else _encoder(kind)(value)  # most values are plain, by far


@cache
def _encoder(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401, PLR0911 - any type in, a line for each kind
    if issubclass(kind, Enum):
        return attrgetter("value")
    if issubclass(kind, bytes):
        return lambda value: base64.b64encode(value).decode()
    if issubclass(kind, date):
        return kind.isoformat
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        return lambda value: {_TAG: kind.__name__} | {name: _encode(getattr(value, name)) for name in names}
    if issubclass(kind, Mapping):
        return lambda value: {str(key): _encode(item) for key, item in value.items()}
    if issubclass(kind, tuple | list | frozenset):
        return lambda value: [_encode(item) for item in value]
    return lambda value: value


def _decode(kind: Any, value: Any) -> Any:  # noqa: ANN401, PLR0911 - any type in, its value out
    origin = get_origin(kind)
    if value is None or kind is Any or origin is Literal:
        return value
    if origin in {Union, types.UnionType}:
        return _decode(_alternative(get_args(kind), value), value)
    if origin is tuple:
        return _decode_tuple(get_args(kind), value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        item = get_args(kind)[1]
        return {key: _decode(item, member) for key, member in value.items()}
    if dataclasses.is_dataclass(kind):
        return _decode_fields(kind, value)
    if issubclass(kind, tuple):  # a named tuple
        return kind(*value)
    if issubclass(kind, bytes):
        return base64.b64decode(value)
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    return kind(value)


def _alternative(kinds: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401
    """The member of a union that wrote `value`; dataclasses carry their name."""
    named = value.get(_TAG) if isinstance(value, dict) else None
    for kind in kinds:
        if named is not None and getattr(kind, "__name__", "") == named:
            return kind
    plain = [kind for kind in kinds if kind is not types.NoneType and not dataclasses.is_dataclass(kind)]
    if not plain:
        raise TypeError(f"nothing of {kinds} reads {value!r:.40}")
    return plain[0]


def _decode_tuple(members: tuple[Any, ...], value: list[Any]) -> tuple[Any, ...]:
    if len(members) == 2 and members[1] is Ellipsis:
        return tuple(_decode(members[0], item) for item in value)
    return tuple(_decode(kind, item) for kind, item in zip(members, value, strict=True))


def _decode_fields(kind: Any, value: Mapping[str, Any]) -> Any:  # noqa: ANN401
    hints = _hints(kind)
    return kind(**{name: _decode(hints[name], item) for name, item in value.items() if name in hints})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def moment(text: str) -> datetime:
    """The point in time that `datetime.isoformat` wrote; raises StateError."""
    with understood():
        return datetime.fromisoformat(text)
