"""Values of the model to JSON and back. Only the standard library is loaded up front, for `kairos status`."""

from __future__ import annotations

import base64
import dataclasses
import json
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from kairos.store.database import decoding_errors

T = TypeVar("T")

_TAG = "is"
_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(value: object) -> str:
    """Encode a value of the model as ASCII JSON; bytes become base64, lone surrogates stay escapes."""
    return json.dumps(_encode(value), separators=(",", ":"))


def large_to_json(value: object) -> bytes:
    """Encode a value that holds thousands of others as JSON for `from_json`, in UTF-8: that costs less than a str.

    It must have no unions, and all its numbers must be finite.
    """
    import msgspec  # noqa: PLC0415 - only callers with thousands of values wait for it

    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # a path that is not text has lone surrogates
        return to_json(value).encode()


def each_to_json(values: Iterable[object]) -> Iterator[str]:
    """Encode each of thousands of values for `from_json`, non-ASCII letters as they are. Numbers must be finite."""
    return (large_to_json(_encode(value)).decode() for value in values)


def from_json(kind: type[T], text: str) -> T:
    """Decode a value of type `kind` (also `tuple[Skip, ...]` and the like) from JSON; raises StateError."""
    with decoding_errors():
        return _decode(kind, json.loads(text))  # type: ignore[no-any-return]


def _encode(value: object) -> Any:  # noqa: ANN401 - any JSON out
    kind: Any = type(value)
    return value if kind in _PLAIN else _encoder(kind)(value)  # by far most values are plain


@cache
def _encoder(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401, PLR0911 - any type in, a line for each kind
    if issubclass(kind, Enum):
        return attrgetter("value")
    if issubclass(kind, bytes):
        return lambda value: base64.b64encode(value).decode()
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    if _has_fields(kind):
        return _fields_of(kind)
    if issubclass(kind, Mapping):
        return lambda value: {str(key): _encode(item) for key, item in value.items()}
    if issubclass(kind, tuple | list | frozenset):
        return lambda value: [item if type(item) in _PLAIN else _encode(item) for item in value]
    return lambda value: value


def _fields_of(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    names = [field.name for field in dataclasses.fields(kind)]

    def encoded(value: Any) -> dict[str, Any]:  # noqa: ANN401
        found: dict[str, Any] = {_TAG: kind.__name__}
        for name in names:
            item = getattr(value, name)
            found[name] = item if type(item) in _PLAIN else _encode(item)
        return found

    return encoded


def _decode(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any type in, its value out
    return value if value is None else _decoder(kind)(value)


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401, PLR0911 - any type in, a line for each kind
    """What decodes the values of a type, other than None; cached, since there are many values."""
    origin = get_origin(kind)
    if kind is Any or origin is Literal:
        return lambda value: value
    if origin in {Union, types.UnionType}:
        return _of_union(get_args(kind))
    if origin is tuple:
        return _of_tuple(get_args(kind))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        item = get_args(kind)[1]
        return lambda value: {key: _decode(item, member) for key, member in value.items()}
    if _has_fields(kind):
        return _of_fields(kind)
    if issubclass(kind, tuple):  # a named tuple
        return lambda value: kind(*value)
    if issubclass(kind, bytes):
        return base64.b64decode
    return kind.fromisoformat if issubclass(kind, date) else kind  # type: ignore[no-any-return]


def _has_fields(kind: Any) -> bool:  # noqa: ANN401
    return dataclasses.is_dataclass(kind)


def _of_union(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    """What decodes whichever member of a union was encoded; dataclasses carry their name."""
    named = {kind.__name__: _decoder(kind) for kind in kinds if _has_fields(kind)}
    plain = [kind for kind in kinds if kind is not types.NoneType and not _has_fields(kind)]
    other = _decoder(plain[0]) if plain else None

    def read(value: Any) -> Any:  # noqa: ANN401
        found = named.get(value.get(_TAG), other) if isinstance(value, dict) else other
        if found is None:
            raise TypeError(f"nothing of {kinds} reads {value!r:.40}")
        return found(value)

    return read


def _of_tuple(members: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(members) == 2 and members[1] is Ellipsis:
        each = _decoder(members[0])
        return lambda value: tuple([item if item is None else each(item) for item in value])
    return lambda value: tuple(_decode(kind, item) for kind, item in zip(members, value, strict=True))


def _of_fields(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    readers = {name: _decoder(hint) for name, hint in get_type_hints(kind).items()}
    return lambda value: kind(
        **{
            name: item if item is None else readers[name](item)
            for name, item in value.items()
            if name in readers
        }
    )


def parse_time(text: str) -> datetime:
    """Parse what `datetime.isoformat` wrote; raises StateError."""
    with decoding_errors():
        return datetime.fromisoformat(text)
