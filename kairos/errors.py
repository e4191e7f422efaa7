"""The error tree: every error that a user can see, with its exit code and what to do next."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What `kairos` returns to the shell."""

    OK = 0
    ERROR = 1
    USAGE = 2
    PARTIAL = 3
    NO_SUCH_ROOT = 10
    LOCKED = 11
    CHANGED = 12
    INTERRUPTED = 130
    TERMINATED = 143


class KairosError(Exception):
    """Base of all expected errors: `what` says in one sentence what is wrong and where, `advice` what to do next."""

    exit_code: ExitCode = ExitCode.ERROR

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what} {self.advice}".strip()


class UsageError(KairosError):
    """The user asks for something that makes no sense, or names something that does not exist."""

    exit_code = ExitCode.USAGE


class ConfigError(KairosError):
    """The configuration is wrong; `problems` lists every fault as "key path: what is expected"."""

    exit_code = ExitCode.USAGE

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        listed = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source} is not a valid configuration:\n{listed}")
        self.source = source
        self.problems = problems


class NoSuchRootError(KairosError):
    """The given root is not a readable directory."""

    exit_code = ExitCode.NO_SUCH_ROOT


class LockedError(KairosError):
    """Another process (another Kairos, or the agent) holds the lock of a root."""

    exit_code = ExitCode.LOCKED


class ChangedError(KairosError):
    """Files were changed between reading and writing; `paths` names them."""

    exit_code = ExitCode.CHANGED

    def __init__(self, what: str, paths: tuple[str, ...], advice: str = "") -> None:
        super().__init__(what, advice)
        self.paths = paths


class UndoConflictError(ChangedError):
    """An undo and a later edit of the same lines cannot both hold."""


class StateError(KairosError):
    """Kairos' own state cannot be used (newer version, not writable, damaged beyond repair)."""


class OriginalsGoneError(StateError):
    """The original bytes that an undo needs were deleted after the configured retention time."""


class StorageError(KairosError):
    """The file system refused a write (full, read-only, no permission)."""


class SilenceError(KairosError):
    """A file system, or the holder of a lock on one of its files, does not respond."""


class ServiceError(KairosError):
    """The daemon could not be installed as a service on this machine, or be removed."""


class DaemonError(KairosError):
    """The daemon is not running, does not respond, or refuses the request."""


class DaemonRunsError(DaemonError):
    """Another daemon already runs on this state directory."""

    exit_code = ExitCode.LOCKED


class ModelError(KairosError):
    """A model is missing, does not match its published checksum, or cannot do what is asked of it."""


class PlanRefusedError(KairosError):
    """A plan broke the invariants that `violations` names; nothing was written."""

    def __init__(self, violations: tuple[str, ...]) -> None:
        super().__init__(
            "The plan was refused, and nothing was written: " + "; ".join(violations),
            "This is a bug in Kairos: please report it with the output of `kairos dream --dry-run`.",
        )
        self.violations = violations
