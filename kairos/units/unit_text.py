"""The text of the drop-in that adapts a shipped unit to one user and one installation; see systemd.unit(5)."""

from __future__ import annotations

from collections.abc import Iterator

from kairos.units.needs import SandboxNeeds
from kairos.units.places import HOMES, TEMPORARY, is_within


def drop_in(needs: SandboxNeeds) -> str:
    """Return the lines that the shipped unit cannot contain: program, variables, open paths, memory."""
    return "\n".join(("[Service]", *_program(needs), *_paths(needs), *_memory(needs), ""))


def _program(needs: SandboxNeeds) -> Iterator[str]:
    yield "ExecStart="
    yield f"ExecStart={_command(needs.command)}"
    yield "# Unlike a signal, this is over when the daemon is, and fails where it refuses."
    yield "ExecReload="
    yield f"ExecReload={_command(needs.reload)}"
    for name, value in needs.environment:
        yield f"Environment={_quoted(f'{name}={value}')}"
    if needs.secrets is not None:
        yield "# The key of the language model: NAME=value, in a file that only its owner can read."
        yield f"EnvironmentFile=-{_escape_specifiers(needs.secrets)}"  # not quoted: the rest of the line is the path


def _paths(needs: SandboxNeeds) -> Iterator[str]:
    if needs.homes_visible:
        yield "# A path leads through a link, or a pattern through a whole home: readable, still not writable."
        yield "ProtectHome=read-only"
    hidden = TEMPORARY if needs.homes_visible else (*HOMES, *TEMPORARY)
    for path in needs.writable:
        yield f"{'BindPaths' if is_within(path, hidden) else 'ReadWritePaths'}={_quoted(f'-{path}')}"
    for path in needs.readable:
        if is_within(path, hidden):
            yield f"BindReadOnlyPaths={_quoted(f'-{path}')}"


def _memory(needs: SandboxNeeds) -> Iterator[str]:
    yield "# The daemon, and as many dreams at once as the configuration allows."
    yield f"MemoryMax={needs.memory_mb}M"


def _command(words: tuple[str, ...]) -> str:
    return " ".join(map(_argument, words))


def _argument(word: str) -> str:
    # A dollar sign begins a variable only in command lines.
    return _quoted(word.replace("$", "$$"))


def _quoted(text: str) -> str:
    return '"' + _escape_specifiers(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _escape_specifiers(text: str) -> str:
    return text.replace("%", "%%")
