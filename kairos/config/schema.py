"""The configuration's keys, their types and their defaults. `config.example.yaml` explains each of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from glob import escape, glob
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple
from urllib.parse import urlsplit

from kairos.config.daemon import Daemon, Gates, RootGates, RootSchedule, Schedule
from kairos.config.globs import glob_fault, is_ignored, is_pattern, matches_glob
from kairos.config.overlap import nested_lines
from kairos.config.section import AbsolutePath, Amount, Fraction, Section, absolute, at_least, at_most
from kairos.core.root.hosts import is_loopback

# Compiled on first use: most configurations do not need them.
_HUB_NAME = r"(?a:[\w.-]+(?:/[\w.-]+)?)"
_PRINTED = r"[!-~]+"
_HOST = r"(?!.{254})(?:[\w-]{1,63}(?:\.[\w-]{1,63})*\.?|[0-9a-f.]*:[0-9a-f:.]+)"


def _well_formed(pattern: str) -> None:
    if fault := glob_fault(pattern):
        raise ValueError(fault)


def _on_one_line(text: str) -> None:
    if not text.strip() or not text.isprintable():
        raise ValueError("expected a name on one line")


def _hub_name(text: str) -> None:
    if not re.fullmatch(_HUB_NAME, text) or text.startswith("."):
        raise ValueError("expected a name like all-MiniLM-L6-v2 or owner/model")


def _path_or_hub_name(text: str) -> None:
    if text.startswith(("/", "~/")):
        absolute(text)
    elif not re.fullmatch(_HUB_NAME, text) or text.startswith("."):
        raise ValueError(
            "expected an absolute path, one that starts with ~/, or a name in the hub like owner/model"
        )


def _web_address(url: str) -> None:
    parts = urlsplit(url)  # raises ValueError by itself, as does an impossible port
    is_web = url.startswith(("http://", "https://")) and re.fullmatch(_PRINTED, url) and parts.port != 0
    if not is_web or not re.fullmatch(_HOST, parts.hostname or "") or parts.username is not None:
        raise ValueError("expected an address like https://host/v1, without a user or password in it")


Pattern = Annotated[str, _well_formed]
RootPattern = Annotated[str, absolute, _well_formed]
ModelName = Annotated[str, _on_one_line]
HubName = Annotated[str, _hub_name]
PathOrHubName = Annotated[str, _path_or_hub_name]
WebAddress = Annotated[str, _web_address]


class RootConfig(Section):
    """One line of `roots`: a path or a pattern, and how to treat what it matches."""

    SHORTHAND: ClassVar = "path"  # a line that is plain text means just this key

    path: RootPattern
    layout: Literal["claude-code", "openclaw", "hermes", "codex", "plain"] | None = None
    enabled: bool = True
    schedule: RootSchedule = RootSchedule()
    gates: RootGates = RootGates()


class Prune(Section):
    """Whether stale entries are removed."""

    enabled: bool = True


class Dates(Section):
    """Whether relative dates are made absolute."""

    absolute: bool = True


class Index(Section):
    """The budget of the always-loaded file, and whether unreachable notes get a pointer.

    The defaults are those of `kairos.model.INDEX_BUDGET`, which is not imported: every command reads the configuration.
    """

    lines: Annotated[int, at_least(10)] = 200
    bytes: Annotated[int, at_least(1_000)] = 25_000
    add_missing: bool = True


class Limits(Section):
    """Limits on what an unattended dream may do."""

    max_removed_fraction: Fraction = 0.25
    min_age_days: Annotated[int, at_least(0), at_most(3_650)] = 0


class Judge(Section):
    """The model that reads pairs of notes, and confidence thresholds from 0 to 1.

    None means the shipped model, or the judge's own threshold.
    """

    model: PathOrHubName | None = None
    merge_confidence: Fraction | None = None
    ask_confidence: Fraction | None = None
    flag_confidence: Fraction | None = None

    def check(self) -> None:
        """Raise ValueError if the keys contradict each other."""
        merge, ask = self.merge_confidence, self.ask_confidence
        if merge is not None and ask is not None and merge < ask:
            raise ValueError(f"expected merge_confidence ({merge}) not to be below ask_confidence ({ask})")


class Model(Section):
    """Which embedding model, and whether models may be fetched."""

    name: HubName = "all-MiniLM-L6-v2"
    path: AbsolutePath | None = None
    allow_download: bool = False


class Llm(Section):
    """A language model for pairs in doubt; used only if a provider is set."""

    provider: Literal["openai", "anthropic", "claude"] | None = None
    model: ModelName | None = None
    base_url: WebAddress | None = None
    api_key_env: str | None = None
    allow_plain_http: bool = False
    timeout_seconds: Annotated[int, at_least(1), at_most(600)] = 60
    pairs_per_call: Annotated[int, at_least(1), at_most(50)] = 8
    answer_tokens: Annotated[int, at_least(200), at_most(20_000)] = 4_000
    max_calls: Annotated[int, at_least(1)] = 40
    max_tokens: Annotated[int, at_least(1)] = 200_000
    max_cost: Amount | None = None
    price_in: Amount | None = None
    price_out: Amount | None = None

    def check(self) -> None:
        """Raise ValueError if the keys contradict each other."""
        self._is_complete()
        self._can_sign_in()
        self._is_private()

    def _is_complete(self) -> None:
        if self.provider is not None and self.model is None:
            raise ValueError("expected a model along with the provider")
        if self.max_cost is not None and (self.price_in is None or self.price_out is None):
            raise ValueError(
                "expected price_in and price_out along with max_cost: without them the cost is not known"
            )

    def _can_sign_in(self) -> None:
        # The value is not quoted in the error: somebody may have written the key itself here.
        if self.api_key_env is not None and not (
            self.api_key_env.isascii() and self.api_key_env.isidentifier()
        ):
            raise ValueError(
                "expected api_key_env to be a variable's name, like OPENAI_API_KEY, not the key itself"
            )
        if self.provider == "claude" and (self.base_url or self.api_key_env):
            raise ValueError("expected no base_url and no api_key_env: the claude command signs in by itself")
        if self.provider in ("openai", "anthropic") and not self.base_url and not self.api_key_env:
            raise ValueError("expected api_key_env, the name of the environment variable that holds the key")

    def _is_private(self) -> None:
        url = self.base_url or ""
        if url.startswith("http:") and not is_loopback(url) and not self.allow_plain_http:
            raise ValueError(
                f"expected https in base_url ({url}): over plain http, anyone along the way can read your notes; "
                "set allow_plain_http: true if it is your own network"
            )


class Journal(Section):
    """How long originals are kept, and how many bytes of them at most (None: no limit)."""

    keep_days: Annotated[int, at_least(1)] = 180
    max_bytes: Annotated[int, at_least(1_000_000)] | None = None


class ConfiguredRoot(NamedTuple):
    """A directory named by `roots`: its layout (None: to be detected), its schedule and gates for the daemon, and
    whether it is dreamt over at all."""

    path: Path
    layout: str | None
    schedule: Schedule = Schedule()
    gates: Gates = Gates()
    enabled: bool = True


class Config(Section):
    """The whole configuration, frozen."""

    roots: tuple[RootConfig, ...] = ()
    ignore: tuple[Pattern, ...] = ()
    max_file_bytes: Annotated[int, at_least(1)] = 16 * 1024 * 1024
    conflicts: Literal["flag", "keep-newer"] = "flag"
    conflicts_note: bool = True
    prune: Prune = Prune()
    dates: Dates = Dates()
    index: Index = Index()
    limits: Limits = Limits()
    judge: Judge = Judge()
    model: Model = Model()
    llm: Llm = Llm()
    daemon: Daemon = Daemon()
    journal: Journal = Journal()
    state_dir: AbsolutePath | None = None
    cache_dir: AbsolutePath | None = None

    def check(self) -> None:
        """Raise ValueError if a root lies inside another root that is enabled."""
        off = {root.path for root in self.roots if not root.enabled}
        for outer, inner in nested_lines(root.path for root in self.roots):
            if outer not in off:
                raise ValueError(
                    f"expected separate roots, but {inner} is inside {outer}: name only one of them; "
                    "to leave part of a root alone, use `ignore`"
                )

    def is_ignored(self, path: str) -> bool:
        """Whether `ignore` excludes the file at `path` (POSIX, relative to its root)."""
        return is_ignored(path, self.ignore)

    def roots_expanded(self, home: Path) -> tuple[ConfiguredRoot, ...]:
        """Return the enabled roots: all that are named, except those that are disabled or lead to a disabled one."""
        named = self.all_roots(home)
        off = {os.path.realpath(root.path) for root in named if not root.enabled}
        return tuple(root for root in named if not off or os.path.realpath(root.path) not in off)

    def all_roots(
        self, home: Path, found: Callable[[str], Iterable[Path]] | None = None
    ) -> tuple[ConfiguredRoot, ...]:
        """Return all directories that `roots` names, in the order of the file, each once.

        A pattern stands for the directories that it matches, sorted, or for what `found` returns for it. A plain path
        is returned even if it does not exist, so that this gets reported. A root that one line disables stays disabled
        if the pattern of another line matches it too.
        """
        disabled = {
            path for root in self.roots if not root.enabled for path in _matches(root.path, home, found)
        }
        expanded: dict[Path, ConfiguredRoot] = {}
        for root in self.roots:
            schedule, gates = root.schedule.over(self.daemon.schedule), root.gates.over(self.daemon.gates)
            for path in _matches(root.path, home, found):
                is_enabled = path not in disabled
                expanded.setdefault(path, ConfiguredRoot(path, root.layout, schedule, gates, is_enabled))
        return tuple(expanded.values())

    def layout_override(self, root: Path, home: Path) -> str | None:
        """Return the layout that `roots` sets for a directory; None if it sets none.

        Other directories are not accessed, because they may not answer, unless no line names this one by its path.
        """
        if not any(line.layout for line in self.roots):
            return None
        real = os.path.realpath(root)
        paths = {os.path.abspath(root), real}  # noqa: PTH100 - the real path is tried too
        lines = [
            line
            for line in self.roots
            if any(matches_glob(path, _expanded(line.path, home)) for path in paths)
        ]
        if lines:
            return lines[0].layout if all(line.enabled for line in lines) else None
        named = (found for found in self.roots_expanded(home) if found.layout)
        return next((found.layout for found in named if os.path.realpath(found.path) == real), None)

    def absolute_patterns(self, home: Path) -> tuple[tuple[str, bool], ...]:
        """Return the lines of `roots` as absolute patterns, each with whether it is enabled."""
        return tuple((_expanded(line.path, home), line.enabled) for line in self.roots)


def expand_home(path: str, home: Path) -> Path:
    """Return `path` with a leading `~` replaced by `home`."""
    return home / path[2:] if path.startswith("~/") else home if path == "~" else Path(path)


def _matches(pattern: str, home: Path, found: Callable[[str], Iterable[Path]] | None) -> Iterator[Path]:
    if not is_pattern(pattern):
        yield expand_home(pattern, home)
        return
    if found is not None:
        yield from found(pattern)
        return
    paths = (Path(path) for path in glob(_expanded(pattern, home), recursive=True, include_hidden=True))  # noqa: PTH207 - Path.glob has no include_hidden, and no absolute patterns
    yield from sorted(path for path in paths if path.is_dir())


def _expanded(pattern: str, home: Path) -> str:
    """Return a pattern with `~` expanded. The home directory itself is escaped, so that it is not read as a pattern."""
    return escape(str(home)) + pattern[1:] if pattern.startswith("~") else pattern
