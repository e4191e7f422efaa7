"""The documentation agrees with the code: commands, configuration keys, paths and links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from kairos.cli.app import cli
from kairos.config import Config
from kairos.config.reader import is_section, keys_of
from kairos.config.section import Section
from kairos.errors import ExitCode

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changelog/**/*.md")])


def commands(group: click.Group, prefix: str = "kairos") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command, name
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


def keys(section: type[Section], prefix: str = "") -> Iterator[str]:
    for name, hint in keys_of(section).items():
        if is_section(hint):
            yield from keys(hint, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def section(command: str) -> str:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    match = re.search(
        rf"^## `{re.escape(command)}(?: [^`]*)?`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert match, f"docs/commands.md has no section on `{command}`"
    return match[0]


@pytest.mark.parametrize(("name", "command"), list(commands(cli)))
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    text = section(name)
    visible = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    for option in visible:
        if "--config" in option.opts or (name == "kairos judge" and "--json" in option.opts):
            continue  # `--config` is documented once for all commands; `judge` always prints JSON
        assert option.opts[0] in text, f"docs/commands.md does not name {option.opts[0]} of {name}"


def test_every_documented_command_exists() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^## `(kairos(?: (?!\[|[A-Z]|bash)[a-z]+)+)", text, re.MULTILINE))
    assert documented == {name for name, _ in commands(cli)}


def test_every_exit_code_is_documented() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} == {*map(int, ExitCode)}


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def test_every_config_key_is_documented_with_its_default() -> None:
    text = (DOCS / "config.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w.]+)` \| `([^`]*)` \|", text, re.MULTILINE))
    defaults = Config().to_value()
    assert set(rows) == set(keys(Config))
    for key, written in rows.items():
        value: Any = defaults
        for part in key.split("."):
            value = value[part]
        same = float(written) == value if isinstance(value, float) else written == _written(value)
        assert same, key


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_paths_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    named = re.findall(r"`((?:kairos|tests|scripts|docs|examples|changelog|bench|\.ci)/[\w./-]+)`", text)
    missing += [path for path in named if not (ROOT / path).exists()]
    assert not missing, f"{page.name} names what is not there: {missing}"


def test_every_documented_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: make {target}"
