from __future__ import annotations

import os
import plistlib
from pathlib import Path

import pytest

from kairos.config import parse_config
from kairos.errors import ServiceError, UsageError
from kairos.units import Installation, Owner, Service, needs_of, owner_named, service_for
from kairos.units.files import MARK, shipped
from kairos.units.install import differences, make_private, remove, write, written_by_kairos
from kairos.units.launchd import agent_file, property_list

CHECKOUT = Path(__file__).parents[3]
NETWORK = "llm: {provider: anthropic, model: m, api_key_env: KEY}"


def owner(home: Path, name: str = "alice") -> Owner:
    return Owner(name, os.getuid(), os.getgid(), home, {"HOME": str(home)})


def service(home: Path, text: str = "", *, system: bool = False, name: str = "alice") -> Service:
    python = Installation(("/opt/k $x%/python", "-m", "kairos_service"), ("/opt/k $x%/python", "-m", "r"), ())
    whose = owner(home, name)
    return service_for(needs_of(parse_config(text, "test"), None, whose, python), whose, system=system)


def units(home: Path) -> list[str]:
    place = home / ".config/systemd/user"
    return sorted(str(path.relative_to(place)) for path in place.rglob("*"))


def test_a_unit_is_written_as_shipped(tmp_path: Path) -> None:
    path, text = service(tmp_path).files[0]
    assert path == tmp_path / ".config/systemd/user/kairos.service"
    assert text.startswith(MARK)
    assert text.endswith((CHECKOUT / "systemd/kairos.service").read_text())


def test_the_program_is_quoted_for_systemd(tmp_path: Path) -> None:
    (_, text) = service(tmp_path).files[1]
    assert 'ExecStart=\nExecStart="/opt/k $$x%%/python" "-m" "kairos_service"\n' in text


def test_the_system_has_one_template_and_a_drop_in_for_each_user(tmp_path: Path) -> None:
    found = service(tmp_path, system=True)
    assert found.name == "kairos@alice.service"
    assert [str(path) for path, _ in found.files] == [
        "/etc/systemd/system/kairos@.service",
        "/etc/systemd/system/kairos@alice.service.d/10-paths.conf",
    ]


def test_a_user_name_that_no_unit_can_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not fit into the name of a unit"):
        service(tmp_path, system=True, name="DOMAIN\\alice")


def test_an_unknown_user_is_refused() -> None:
    with pytest.raises(UsageError, match="no user nosuchuserhere"):
        owner_named("nosuchuserhere")


def test_writing_again_writes_nothing(tmp_path: Path) -> None:
    found = service(tmp_path)
    assert differences(found) == tuple(path for path, _ in found.files) == write(found)
    assert units(tmp_path) == ["kairos.service", "kairos.service.d", "kairos.service.d/10-paths.conf"]
    assert write(found) == () == differences(found)


def test_drop_ins_that_are_no_longer_needed_are_removed(tmp_path: Path) -> None:
    write(service(tmp_path, NETWORK))
    assert "kairos.service.d/20-network.conf" in units(tmp_path)
    closed = service(tmp_path)
    assert [path.name for path in differences(closed)] == ["10-paths.conf", "20-network.conf"]
    write(closed)
    assert "kairos.service.d/20-network.conf" not in units(tmp_path)


def test_a_foreign_file_stops_the_installation_before_anything_is_written(tmp_path: Path) -> None:
    place = tmp_path / ".config/systemd/user/kairos.service.d/10-paths.conf"
    place.parent.mkdir(parents=True)
    place.write_text("[Service]\n")
    with pytest.raises(ServiceError, match="was not written by Kairos"):
        write(service(tmp_path))
    assert units(tmp_path) == ["kairos.service.d", "kairos.service.d/10-paths.conf"]


def test_removing_deletes_only_our_files(tmp_path: Path) -> None:
    found = service(tmp_path, NETWORK)
    write(found)
    own = tmp_path / ".config/systemd/user/kairos.service.d/50-mine.conf"
    own.write_text("[Service]\n")
    assert set(written_by_kairos(found.paths())) == set(remove(found.paths()))
    assert units(tmp_path) == ["kairos.service.d", "kairos.service.d/50-mine.conf"]
    own.unlink()
    write(found)
    remove(found.paths())
    assert units(tmp_path) == []
    assert remove(found.paths()) == ()


def test_private_directories_are_made_for_the_owner_alone(tmp_path: Path) -> None:
    made = tmp_path / "a/b/kairos"
    make_private([str(made), str(made)], owner(tmp_path))
    assert made.stat().st_mode & 0o777 == 0o700


def test_a_private_directory_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(ServiceError, match="cannot be made"):
        make_private([str(tmp_path / "a/b")], owner(tmp_path))


def test_macos_gets_a_property_list(tmp_path: Path) -> None:
    needs = needs_of(
        parse_config("", "test"), None, owner(tmp_path), Installation(("/p <&>", "-m", "k"), (), ())
    )
    read = plistlib.loads(property_list(needs, owner(tmp_path)).encode())
    assert read["ProgramArguments"] == ["/p <&>", "-m", "k"]
    assert read["Label"] == agent_file(owner(tmp_path)).stem


@pytest.mark.parametrize(
    "name", ["kairos.service", "kairos@.service", "network.conf", "loopback.conf", "own-code.conf"]
)
def test_every_block_of_directives_has_a_comment(name: str) -> None:
    """In a unit, each block of directives begins with a comment; a drop-in has one comment at its top."""
    if name.endswith(".conf"):
        assert shipped(name).startswith("#")
        return
    body = shipped(name).partition("[Service]")[2].partition("[Install]")[0]
    for block in body.strip().split("\n\n"):
        assert block.startswith("#"), block
