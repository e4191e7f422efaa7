"""The configuration's keys, their types and their defaults. `config.example.yaml` explains each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape, glob
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from kairos.config.globs import MAGIC, glob_fault, is_ignored


def _well_formed(pattern: str) -> str:
    if fault := glob_fault(pattern):
        raise ValueError(fault)
    return pattern


def _absolute(path: str) -> str:
    if not path.startswith(("/", "~/")) and path != "~":
        raise ValueError("expected an absolute path, or one that starts with ~/")
    if "\0" in path:
        raise ValueError("expected a path without a NUL character")
    return path


Pattern = Annotated[str, AfterValidator(_well_formed)]
AbsolutePath = Annotated[str, AfterValidator(_absolute)]
RootPattern = Annotated[str, AfterValidator(_absolute), AfterValidator(_well_formed)]
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


class RootConfig(Section):
    """One line of `roots`: a path or a pattern, and how to treat what it matches."""

    path: RootPattern
    layout: Literal["claude-code", "plain"] | None = None
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _plain_path(cls, data: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        return {"path": data} if isinstance(data, str) else data


class Prune(Section):
    """Taking out what is stale."""

    enabled: bool = True


class Dates(Section):
    """Relative dates made absolute."""

    absolute: bool = True


class Index(Section):
    """The budget of the always-loaded file, and whether unreachable notes get a pointer."""

    lines: int = Field(default=200, ge=10)
    bytes: int = Field(default=25_000, ge=1_000)
    add_missing: bool = True


class Limits(Section):
    """What an unattended dream may do at most."""

    max_removed_fraction: Fraction = 0.25


class Judge(Section):
    """Confidence thresholds, 0…1; None is the judge's own."""

    merge_confidence: Fraction | None = None
    ask_confidence: Fraction | None = None
    flag_confidence: Fraction | None = None

    @model_validator(mode="after")
    def _merging_is_harder_than_asking(self) -> Self:
        merge, ask = self.merge_confidence, self.ask_confidence
        if merge is not None and ask is not None and merge < ask:
            raise ValueError(f"expected merge_confidence ({merge}) not to be below ask_confidence ({ask})")
        return self


class Model(Section):
    """Which embedding model, and whether it may be fetched."""

    name: str = Field(default="all-MiniLM-L6-v2", pattern=r"^[\w.-]+(/[\w.-]+)?$")
    path: AbsolutePath | None = None
    allow_download: bool = False


@dataclass(frozen=True, slots=True)
class ConfiguredRoot:
    """A directory that `roots` names, and the layout it is said to have (None: to be detected)."""

    path: Path
    layout: str | None


class Config(Section):
    """The whole configuration, frozen."""

    roots: tuple[RootConfig, ...] = ()
    ignore: tuple[Pattern, ...] = ()
    max_file_bytes: int = Field(default=16 * 1024 * 1024, ge=1)
    conflicts: Literal["flag", "keep-newer"] = "flag"
    conflicts_note: bool = True
    prune: Prune = Prune()
    dates: Dates = Dates()
    index: Index = Index()
    limits: Limits = Limits()
    judge: Judge = Judge()
    model: Model = Model()
    state_dir: AbsolutePath | None = None
    cache_dir: AbsolutePath | None = None

    @field_validator("roots", "ignore", mode="before")
    @classmethod
    def _list_as_tuple(cls, value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
        return tuple(value) if isinstance(value, list) else value

    def is_ignored(self, path: str) -> bool:
        """Whether `ignore` leaves out the file at `path` (POSIX, relative to its root)."""
        return is_ignored(path, self.ignore)

    def roots_expanded(self, home: Path) -> tuple[ConfiguredRoot, ...]:
        """Return the directories that are looked after, in the order of the file, each once.

        Patterns give what exists, sorted; a path without a pattern is given even where it is missing, so
        that somebody says so. A disabled root stays out also where another line's pattern matches it.
        """
        disabled = {path for root in self.roots if not root.enabled for path in _matches(root.path, home)}
        found: dict[Path, ConfiguredRoot] = {}
        for root in self.roots:
            for path in _matches(root.path, home) if root.enabled else ():
                if path not in disabled:
                    found.setdefault(path, ConfiguredRoot(path, root.layout))
        return tuple(found.values())


def expand_home(path: str, home: Path) -> Path:
    """Return `path` with a leading `~` replaced by `home`."""
    return home / path[2:] if path.startswith("~/") else home if path == "~" else Path(path)


def _matches(pattern: str, home: Path) -> Iterator[Path]:
    if not MAGIC.search(pattern):
        yield expand_home(pattern, home)
        return
    # The home directory's own name is no pattern, whatever characters it holds.
    full = escape(str(home)) + pattern[1:] if pattern.startswith("~") else pattern
    found = (Path(path) for path in glob(full, recursive=True, include_hidden=True))  # noqa: PTH207 - Path.glob has no include_hidden, and no absolute patterns
    yield from sorted(path for path in found if path.is_dir())
