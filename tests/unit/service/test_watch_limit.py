"""The kernel's inotify limits, lowered in a user namespace."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_SETUP = 'echo "$1" > "/proc/sys/user/$2"; shift 2; exec "$@"'
_BEFORE = """
import json, sys, threading
from pathlib import Path
from types import SimpleNamespace
from kairos.config import default_config
from kairos_service.scope import Scope
from kairos_service.watcher import Watcher

home, polling = Path(sys.argv[1]), sys.argv[2]
news = threading.Semaphore(0)
heard = set()
watcher = Watcher(
    lambda root: (heard.add(root.name), news.release()),
    news.release,
    SimpleNamespace(polling=polling, poll_seconds=0.05),
)
scope = Scope.of("plain", default_config())
health = {}
for name in ("small", "large"):
    root = home / name
    for number in range({"small": 3, "large": 30}[name]):
        (root / str(number)).mkdir(parents=True)
        (root / str(number) / "a.md").write_text("a")
    watcher.watch(root, scope)
watcher.watch_places({home: frozenset({"*"})})


def hears(name, path):
    while news.acquire(timeout=0.3):  # until it is quiet
        pass
    heard.clear()
    (home / name / path).write_text("new")
    news.acquire(timeout=3)
    return name in heard


def told():
    return {name: [watcher.health(home / name).mode, watcher.health(home / name).problem]
            for name in ("small", "large")}
"""


def run(tmp_path: Path, limit: str, number: int, polling: str, script: str) -> dict[str, Any]:
    """Return the JSON that a script prints when the kernel sets `limit` to `number`."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare")
    into = (unshare, "--user", "--map-root-user", "sh", "-ec", _SETUP, "sh", str(number), limit)
    if subprocess.run([*into, "true"], capture_output=True, check=False).returncode:
        pytest.skip("user namespaces are refused here")
    command = [*into, sys.executable, "-c", _BEFORE + script, str(tmp_path), polling]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    return value


def test_a_root_beyond_the_watch_limit_is_polled_and_reports_it(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        "max_inotify_watches",
        12,
        "auto",
        """
first = told()
heard_all = hears("small", "2/a.md"), hears("large", "29/a.md")
for directory in (home / "large").iterdir():
    if int(directory.name) > 4:
        (directory / "a.md").unlink()
        directory.rmdir()
mended = [path.name for path in watcher.mend()]
print(json.dumps({"first": first, "heard": heard_all, "mended": mended, "then": told()}))
watcher.close()
""",
    )
    limit = "The kernel grants no more inotify watches; raise it: sysctl fs.inotify.max_user_watches=524288."
    assert told == {
        "first": {"small": ["inotify", None], "large": ["polling", limit]},
        "heard": [True, True],
        "mended": ["large"],
        "then": {"small": ["inotify", None], "large": ["inotify", None]},
    }


def test_without_polling_a_root_reports_how_many_directories_are_watched(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        "max_inotify_watches",
        12,
        "never",
        """
first = told()
print(json.dumps({"large": first["large"], "heard": hears("large", "a.md")}))
watcher.close()
""",
    )
    mode, problem = told["large"]
    assert mode == "inotify"
    assert problem.startswith("Only 8 of its directories are watched. The kernel grants no more")
    assert told["heard"]


def test_a_limit_reached_later_is_noticed(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        "max_inotify_watches",
        40,
        "auto",
        """
first = told()
for number in range(30, 60):
    (home / "large" / str(number)).mkdir()
hears("large", "59/a.md")
later = told()
watcher.mend()
print(json.dumps({
    "first": first["large"], "later": later["large"], "then": told()["large"][0],
    "heard": hears("large", "59/a.md"),
}))
watcher.close()
""",
    )
    assert told["first"] == ["inotify", None]
    assert told["later"][1].startswith("Only 35 of its directories are watched.")
    assert (told["then"], told["heard"]) == ("polling", True)


def test_without_an_inotify_instance_all_roots_are_polled(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        "max_inotify_instances",
        0,
        "auto",
        """
print(json.dumps({"first": told(), "heard": hears("large", "29/a.md")}))
watcher.close()
""",
    )
    problem = (
        "The kernel grants no inotify instance (inotify instance limit reached); raise it: "
        "sysctl fs.inotify.max_user_instances=512."
    )
    assert told["first"] == {"small": ["polling", problem], "large": ["polling", problem]}
    assert told["heard"]


@pytest.mark.parametrize("polling", ["auto", "never"])
def test_an_inotify_instance_that_becomes_free_is_used(tmp_path: Path, polling: str) -> None:
    told = run(
        tmp_path,
        "max_inotify_instances",
        0,
        polling,
        """
first, place = told(), {home: frozenset({"*"})}
watcher.mend()
Path("/proc/sys/user/max_inotify_instances").write_text("10")
watcher.mend()
watcher.watch_places(place)
print(json.dumps({"first": first["small"][0], "then": told()["small"], "heard": hears("large", "29/a.md")}))
watcher.close()
""",
    )
    assert told["first"] == {"auto": "polling", "never": "none"}[polling]
    assert (told["then"], told["heard"]) == (["inotify", None], True)
