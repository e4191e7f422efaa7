"""What the parts of the configuration are made of: a strict section, and the types that several of them use."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def absolute(path: str) -> str:
    """Return `path` if it is absolute or starts in the home directory; raises ValueError."""
    if not path.startswith(("/", "~/")) and path != "~":
        raise ValueError("expected an absolute path, or one that starts with ~/")
    if "\0" in path:
        raise ValueError("expected a path without a NUL character")
    return path


AbsolutePath = Annotated[str, AfterValidator(absolute)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Section(BaseModel):
    """What all parts of the configuration share: unknown keys are faults, and null means the default."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_default(cls, data: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}
