"""A configuration that was read before is reused as long as its file has the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kairos.config import Config, Gates, Judge, RootConfig, load_config, parse_config
from kairos.config.parsed_cache import cache_file, load, store
from kairos.errors import ConfigError

TEXT = """
roots: [~/notes, {path: /srv/*/memory, layout: plain, gates: {min_hours: 1}}]
ignore: ["*.tmp.md"]
judge: {merge_confidence: 0.9}
daemon: {schedule: {every_hours: 6}}
"""
LOADED = """
import os, sys
from kairos.config import load_config
load_config(None, os.environ)
print("yaml" in sys.modules, "kairos.config.reader" in sys.modules)
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / ".config/kairos/config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(TEXT, encoding="utf-8")
    return {"HOME": str(tmp_path)}


def kept_file(env: dict[str, str]) -> Path:
    (found,) = Path(env["HOME"], ".cache/kairos").iterdir()
    return found


def test_a_kept_configuration_equals_the_one_read(tmp_path: Path) -> None:
    config = parse_config(TEXT, "text")
    store(tmp_path / "kept", TEXT, config)
    assert load(tmp_path / "kept", TEXT) == config
    assert load(tmp_path / "kept", TEXT + " ") is None


def test_an_unchanged_file_is_read_once(env: dict[str, str]) -> None:
    command = [sys.executable, "-c", LOADED]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    runs = [
        subprocess.run(command, env=plain | env, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs == ["True True\n", "False False\n"]
    assert kept_file(env).stat().st_mode & 0o777 == 0o600


def test_a_changed_file_is_read_again(env: dict[str, str]) -> None:
    file = Path(env["HOME"], ".config/kairos/config.yaml")
    assert load_config(None, env).conflicts == "flag"
    file.write_text(TEXT + "conflicts: keep-newer\n", encoding="utf-8")
    assert load_config(None, env).conflicts == "keep-newer"
    file.write_text("conflicts: keep\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError):
            load_config(None, env)


@pytest.mark.parametrize(
    "damaged",
    [b"", b"[", b"[]", b"null", b"{}", b"\xff", b'{"by": 1, "text": 2, "config": 3}', b"[" * 5000],
)
def test_a_damaged_kept_file_is_ignored(env: dict[str, str], damaged: bytes) -> None:
    config = load_config(None, env)
    kept_file(env).write_bytes(damaged)
    assert load_config(None, env) == config
    assert json.loads(kept_file(env).read_bytes())["text"] == TEXT


@pytest.mark.parametrize("config", [{"section": "Gates"}, {"section": "Config", "rots": []}, {}, [], 1])
def test_an_invalid_kept_configuration_is_ignored(env: dict[str, str], config: object) -> None:
    before = load_config(None, env)
    value = json.loads(kept_file(env).read_bytes()) | {"config": config}
    kept_file(env).write_text(json.dumps(value), encoding="utf-8")
    assert load_config(None, env) == before


def test_what_another_version_kept_is_ignored(env: dict[str, str]) -> None:
    load_config(None, env)
    value = json.loads(kept_file(env).read_bytes()) | {"by": "0.0.1 []"}
    place = cache_file(Path(env["HOME"], ".cache/kairos"), Path(env["HOME"], ".config/kairos/config.yaml"))
    assert place == kept_file(env)
    place.write_text(json.dumps(value), encoding="utf-8")
    assert load(place, TEXT) is None


def test_an_unwritable_cache_does_no_harm(env: dict[str, str]) -> None:
    Path(env["HOME"], ".cache").write_text("a file", encoding="utf-8")
    assert load_config(None, env) == parse_config(TEXT, "text")


def test_a_section_is_a_frozen_value() -> None:
    gates = Gates(min_hours=1)
    assert (gates, hash(gates)) == (Gates(min_hours=1), hash(Gates(min_hours=1)))
    assert gates != Gates()
    assert Config() != gates
    assert repr(Judge(ask_confidence=0.5)) == (
        "Judge(model=None, merge_confidence=None, ask_confidence=0.5, flag_confidence=None)"
    )
    with pytest.raises(AttributeError, match="min_hours cannot be set"):
        gates.min_hours = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot be taken away"):
        del gates.min_hours
    with pytest.raises(TypeError, match="Gates has no max_hours"):
        gates.replaced(max_hours=1)
    with pytest.raises(TypeError, match="RootConfig needs a value for path"):
        RootConfig()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="not to be below"):
        Judge(merge_confidence=0.1, ask_confidence=0.2)
