"""Frozen dataclasses as plain JSON values and back; what comes back is checked, for it came from outside."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_value(thing: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a dataclass, with all that it holds, as what `json.dumps` takes."""
    if isinstance(thing, datetime):
        return thing.isoformat()
    if dataclasses.is_dataclass(thing):
        return {field.name: to_value(getattr(thing, field.name)) for field in dataclasses.fields(thing)}
    if isinstance(thing, tuple):
        return [to_value(item) for item in thing]
    return thing


def from_value(kind: type[T], value: object) -> T:
    """Return the dataclass that `to_value` took apart; raises ValueError where it is none.

    Unknown keys are left out and missing ones take their default: the other side may be of another version.
    """
    return _read(kind, value, kind.__name__)  # type: ignore[no-any-return]


def _read(kind: Any, value: Any, place: str) -> Any:  # noqa: ANN401
    if isinstance(kind, types.UnionType):
        if value is None:
            return None
        (kind,) = (member for member in get_args(kind) if member is not types.NoneType)
    if get_origin(kind) is tuple:
        items = _checked(list, value, place)
        return tuple(_read(get_args(kind)[0], item, f"{place}[{n}]") for n, item in enumerate(items))
    if dataclasses.is_dataclass(kind):
        return _read_fields(kind, _checked(dict, value, place), place)
    if kind is datetime:
        return _read_moment(_checked(str, value, place), place)
    if kind is float and type(value) is int:
        return float(value)
    return _checked(kind, value, place)


def _read_fields(kind: Any, value: Mapping[str, Any], place: str) -> Any:  # noqa: ANN401
    hints = _hints(kind)
    try:
        return kind(
            **{
                name: _read(hint, value[name], f"{place}.{name}")
                for name, hint in hints.items()
                if name in value
            }
        )
    except TypeError as error:  # a field without a default is missing
        raise ValueError(f"{place}: {error}") from None


def _read_moment(text: str, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{place} is no point in time") from None
    if moment.tzinfo is None:
        raise ValueError(f"{place} has no time zone")
    return moment


def _checked(kind: type, value: Any, place: str) -> Any:  # noqa: ANN401
    if type(value) is not kind:
        raise ValueError(f"{place} is no {kind.__name__}")
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
