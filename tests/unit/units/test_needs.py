from __future__ import annotations

import os
from pathlib import Path

import pytest

from kairos.config import parse_config
from kairos.units import Installation, Network, Owner, SandboxNeeds, needs_of

PYTHON = Installation(("/usr/bin/python3", "-m", "kairos_service"), ("/usr/bin/true",), (Path("/usr"),))


def needs(home: Path, text: str = "", file: Path | None = None, **env: str) -> SandboxNeeds:
    owner = Owner("alice", os.getuid(), os.getgid(), home, {"HOME": str(home), **env})
    return needs_of(parse_config(text, "test"), file, owner, PYTHON)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home directory outside /home."""
    place = tmp_path.resolve() / "alice"
    (place / ".claude/projects").mkdir(parents=True)
    return place


def writable_below(found: SandboxNeeds, home: Path) -> set[str]:
    return {os.path.relpath(path, home) for path in found.writable}


OWN = {".local/state/kairos", ".cache/kairos"}


def test_without_roots_only_our_own_directories_are_writable(home: Path) -> None:
    found = needs(home)
    assert writable_below(found, home) == OWN
    assert found.private == (f"{home}/.local/state/kairos", f"{home}/.cache/kairos")
    assert found.network is Network.NONE
    assert found.command == PYTHON.command
    assert found.reload == (*PYTHON.reload, found.private[0])
    assert not found.remarks


def test_the_fixed_part_of_a_pattern_is_writable(home: Path) -> None:
    found = needs(home, "roots: ['~/.claude/projects/*/memory', '~/.claude/projects/a/memory']")
    assert writable_below(found, home) == {*OWN, ".claude/projects"}


def test_the_parent_of_a_path_is_writable(home: Path) -> None:
    (home / "notes").mkdir()
    assert writable_below(needs(home, "roots: ['~/notes/agent']"), home) == {*OWN, "notes"}


def test_a_disabled_root_makes_nothing_writable(home: Path) -> None:
    assert writable_below(needs(home, "roots: [{path: '~/notes/a', enabled: false}]"), home) == OWN


def test_a_home_is_never_writable_as_a_whole(home: Path) -> None:
    for name in ("a", "b"):
        (home / name / "memory").mkdir(parents=True)
    found = needs(home, "roots: ['~/*/memory', '~/single']")
    assert writable_below(found, home) == {*OWN, "a/memory", "b/memory", "single"}
    assert "~/*/memory is too broad to allow as a whole" in found.remarks[0]
    assert "~/single is writable, but" in found.remarks[1]


@pytest.mark.parametrize(
    "pattern", ["/*/memory", "/srv/*", "/var/memory", "/home/*/.claude/projects/*/memory"]
)
def test_top_level_directories_are_never_writable(home: Path, pattern: str) -> None:
    writable = needs(home, f"roots: ['{pattern}']").writable
    assert not {"/", "/srv", "/var", "/home", str(home)} & set(writable)


def test_a_missing_directory_is_reported(home: Path) -> None:
    assert needs(home, "roots: ['~/later/memory']").remarks == (
        f"{home}/later does not exist yet: restart the service once it does.",
    )


def test_a_name_that_no_unit_can_spell_is_reported_and_left_out(home: Path) -> None:
    found = needs(home, 'roots: ["~/a\\nExecStart=evil/memory"]')
    assert writable_below(found, home) == OWN
    assert any("a unit cannot express" in remark for remark in found.remarks)


def test_the_directory_of_the_configuration_is_readable(home: Path) -> None:
    assert f"{home}/.config/kairos" in needs(home).readable
    assert f"{home}/my" in needs(home, file=home / "my/kairos.yaml").readable
    alone = needs(home, file=home / "kairos.yaml")
    assert f"{home}/kairos.yaml" in alone.readable
    assert alone.command[-2:] == ("--config", f"{home}/kairos.yaml")


def test_only_variables_that_name_directories_are_passed_on(home: Path) -> None:
    found = needs(home, XDG_STATE_HOME=f"{home}/st", XDG_CACHE_HOME="relative", MY_OWN="x", HF_HOME="/models")
    assert found.environment == (("XDG_STATE_HOME", f"{home}/st"), ("HF_HOME", "/models"))
    assert f"{home}/st/kairos" in found.writable
    assert "/models/hub" in found.readable


@pytest.mark.parametrize(
    ("variables", "hub"),
    [
        ({}, "{home}/.cache/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/fast"}, "/fast/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/fast", "HF_HOME": "/models"}, "/models/hub"),
        ({"HF_HOME": "/models", "HF_HUB_CACHE": "/hub"}, "/hub"),
        ({"XDG_CACHE_HOME": "relative", "HF_HOME": "relative"}, "{home}/.cache/huggingface/hub"),
    ],
)
def test_the_daemon_finds_the_models_of_the_hub_where_the_command_line_does(
    home: Path, variables: dict[str, str], hub: str
) -> None:
    place = hub.format(home=home)
    assert place in needs(home, "", None, **variables).readable
    assert place in needs(home, "model: {allow_download: true}", None, **variables).writable


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("daemon: {metrics: {listen: '127.0.0.1:9178'}}", Network.LOOPBACK),
        ("daemon: {metrics: {listen: 'unix:/run/x.sock'}}", Network.NONE),
        ("llm: {provider: openai, model: m, base_url: 'http://127.0.0.1:11434/v1'}", Network.LOOPBACK),
        ("llm: {provider: openai, model: m, base_url: 'https://models.example/v1'}", Network.ANYWHERE),
        ("llm: {provider: anthropic, model: m, api_key_env: KEY}", Network.ANYWHERE),
        ("model: {allow_download: true}", Network.ANYWHERE),
    ],
)
def test_the_network_is_as_open_as_the_configuration_needs(home: Path, text: str, network: Network) -> None:
    assert needs(home, text).network is network


def test_the_command_of_claude_gets_its_files_and_its_own_code(home: Path) -> None:
    found = needs(home, "llm: {provider: claude, model: m}")
    assert found.own_code
    assert {f"{home}/.claude", f"{home}/.claude.json"} <= set(found.writable)


def test_a_key_comes_from_a_file_next_to_the_configuration(home: Path) -> None:
    assert needs(home, "llm: {provider: anthropic, model: m, api_key_env: KEY}").secrets == (
        f"{home}/.config/kairos/environment"
    )


def test_the_memory_limit_covers_all_concurrent_dreams(home: Path) -> None:
    assert needs(home, "daemon: {worker: {at_once: 3, memory_mb: 1000}}").memory_mb == 3512
