"""Dreams in child processes, well-behaved or not. The children are real programs that stand in for `kairos`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kairos.control.progress import Step
from kairos_service.dreams import DreamRequest, DreamResult, DreamStatus
from kairos_service.worker import WorkerSettings, run_dream
from tests.processes import gone, number_in, running

_CHECKOUT = Path(__file__).parents[3]
SAYS = "import json, sys; print(json.dumps([dict(root=sys.argv[2], status={!r})]))"
SLEEPS = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
STEP = """import os; os.write(int(os.environ["KAIROS_PROGRESS_FD"]), b'{"stage": "read", "done": 0, "of": 1}\\n')"""

Dream = Callable[..., DreamResult]


def acting(program: str) -> WorkerSettings:
    """Return settings under which this Python program stands in for `kairos`."""
    return WorkerSettings(
        command=(sys.executable, "-c", program),
        look_seconds=0.05,
        stop_seconds=1.5,
        grace_seconds=1.5,
        niceness=0,
    )


def dream(
    program: str | WorkerSettings,
    *,
    request: DreamRequest = DreamRequest(Path("/root")),  # noqa: B008 - frozen
    steps: list[Step] | None = None,
    stops: bool = False,
) -> DreamResult:
    """Run a dream; with `stops`, stop it as soon as it reports a step."""
    settings = acting(program) if isinstance(program, str) else program

    async def main() -> DreamResult:
        stop = asyncio.Event()

        def told(step: Step) -> None:
            if steps is not None:
                steps.append(step)
            if stops:
                stop.set()

        return await run_dream(request, settings, on_progress=told, stop=stop)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [
        ("applied", 0, DreamStatus.DONE),
        ("applied", 3, DreamStatus.DONE),
        ("applied", 143, DreamStatus.DONE),
        ("nothing", 3, DreamStatus.NOTHING),
        ("reported", 3, DreamStatus.REPORTED),
        ("partial", 3, DreamStatus.PARTIAL),
    ],
)
def test_the_status_follows_from_the_report(outcome: str, code: int, status: DreamStatus) -> None:
    result = dream(f"{SAYS.format(outcome)}; sys.exit({code})")
    assert (result.status, result.exit_code, result.error) == (status, code, None)
    assert result.value == {"root": "/root", "status": outcome}
    assert status.is_success
    assert not status.is_failure


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (1, DreamStatus.FAILED),
        (2, DreamStatus.FAILED),
        (10, DreamStatus.FAILED),
        (11, DreamStatus.LOCKED),
        (12, DreamStatus.CHANGED),
        (143, DreamStatus.STOPPED),
    ],
)
def test_an_error_is_reported_in_one_sentence(code: int, status: DreamStatus) -> None:
    value = json.dumps([{"root": "/root", "status": "error", "error": "It is\nso.", "exit_code": code}])
    result = dream(f"import sys; print({value!r}); sys.exit({code})")
    assert (result.status, result.error, result.exit_code) == (status, "It is so.", code)
    result = dream(f"import sys; print('kairos: Why so.', file=sys.stderr); sys.exit({code})")
    assert (result.status, result.error, result.tail) == (status, "Why so.", ("kairos: Why so.",))


@pytest.mark.parametrize(
    "printed", ["", "[]", "{}", "[1]", "[[", "[" * 100_000, "[{}, {}]", '[{"status": 1}]']
)
def test_an_unreadable_report_is_mentioned(printed: str) -> None:
    result = dream(f"print({printed!r})")
    assert (result.status, result.exit_code) == (DreamStatus.DONE, 0)
    assert "could not be read" in (result.error or "")


def test_a_first_dream_only_reports_and_the_config_is_the_daemons(tmp_path: Path) -> None:
    echo = acting("import json, sys; print(json.dumps([dict(status='nothing', words=sys.argv[1:])]))")
    settings = replace(echo, config_file=tmp_path / "c.yaml")
    first = dream(settings, request=DreamRequest(Path("/a b"), first=True))
    later = dream(settings, request=DreamRequest(Path("/a b"), asked_for=True))
    assert first.value is not None
    assert later.value is not None
    config = ["--config", str(tmp_path / "c.yaml")]
    assert first.value["words"] == ["dream", "/a b", "--json", *config]
    assert later.value["words"] == ["dream", "/a b", "--json", "--yes", *config]


def test_a_child_gets_the_configuration_in_force() -> None:
    read = "import json, os; from kairos.config.handed_config import read_handed_config as get; text = get(os.environ)"
    program = f"{read}; print(json.dumps([dict(status='nothing', text=text, env=dict(os.environ))]))"
    text = f"ignore: [{'ü' * 100_000}]\n"  # more than a pipe holds
    value = dream(replace(acting(program), config_text=text)).value
    assert value is not None
    assert value["text"] == text
    assert "KAIROS_CONFIG_FD" not in value["env"]


def test_a_child_has_low_priority_and_no_variables_of_the_service_manager(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "JOURNAL_STREAM"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("KEPT", "yes")
    program = """
import ctypes, json, os, platform, resource, sys
number = {"x86_64": 252, "aarch64": 31}[platform.machine()]
print(json.dumps([dict(
    status="nothing", nice=os.nice(0), oom=int(open("/proc/self/oom_score_adj").read()), cwd=os.getcwd(),
    leads=os.getpid() == os.getpgid(0) == os.getsid(0), core=resource.getrlimit(resource.RLIMIT_CORE)[0],
    env=sorted({"NOTIFY_SOCKET", "WATCHDOG_USEC", "LISTEN_FDS", "JOURNAL_STREAM", "KEPT"} & set(os.environ)),
    io=ctypes.CDLL(None).syscall(number, 1, 0) >> 13, stdin=os.path.realpath("/proc/self/fd/0"),
    fds=len(os.listdir("/proc/self/fd")),
)]))"""
    value = dream(replace(acting(program), niceness=19)).value
    assert value is not None
    assert (value["nice"], value["oom"], value["core"], value["cwd"]) == (19, 500, 0, "/")
    assert value["io"] == 3  # idle
    assert (value["leads"], value["stdin"], value["env"]) == (True, "/dev/null", ["KEPT"])
    assert (
        value["fds"] == 6
    )  # the standard three, the pipe for steps, the configuration, and the directory being listed


def test_valid_steps_are_reported_and_nonsense_is_ignored() -> None:
    steps: list[Step] = []
    program = """
import os
fd = int(os.environ["KAIROS_PROGRESS_FD"])
for line in (
    b'{"stage": "read", "done": 1, "of": 2}', b"nonsense", b"x" * 100_000, b'{"stage": 1, "done": 1, "of": 1}',
    b'{"stage": "a\\\\u001b[2J", "done": 1, "of": 1}', b'{"stage": "a", "done": true, "of": 1}', b"[" * 400,
    b'{"stage": "plan", "done": 0, "of": 1}',
):
    os.write(fd, line + b"\\n")"""
    dream(program, steps=steps)
    assert steps == [Step("read", 1, 2), Step("plan", 0, 1)]


def test_a_crash_is_reported_with_the_last_lines_of_stderr() -> None:
    program = """
import os, sys
for n in range(100):
    print("line", n, "\\x1b[2J" + "y" * 1000, file=sys.stderr)
sys.stderr.flush()
os.kill(os.getpid(), 11)"""
    result = dream(program)
    assert (result.status, result.signal, result.exit_code) == (DreamStatus.CRASHED, "SIGSEGV", None)
    assert "crashed (SIGSEGV)" in (result.error or "")
    assert len(result.tail) == 20
    assert result.tail[-1].startswith("line 99 \\x1b[2Jyyy")
    assert len(result.tail[-1]) < 520
    assert result.status.is_failure


def test_a_child_killed_from_outside_is_a_crash_with_the_likely_reason() -> None:
    result = dream("import os; os.kill(os.getpid(), 9)")
    assert (result.status, result.signal) == (DreamStatus.CRASHED, "SIGKILL")
    assert "ran out of memory" in (result.error or "")


def test_a_flood_of_output_uses_little_memory() -> None:
    program = """
import os, sys
fd = int(os.environ["KAIROS_PROGRESS_FD"])
for stream in (1, 2, fd):
    for _ in range(1280):
        os.write(stream, b"z" * 65536)"""
    before = _peak()
    result = dream(program)
    assert (result.status, result.value) == (DreamStatus.DONE, None)
    assert len(result.tail) == 1
    assert len(result.tail[0]) == 500
    assert _peak() - before < 64 * 1024  # of the 240 MiB received


def _peak() -> int:
    import resource  # noqa: PLC0415

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_a_child_that_uses_too_much_memory_is_killed() -> None:
    settings = replace(acting(f"x = bytearray(200 * 2**20); {SLEEPS}"), memory_bytes=100 * 2**20)
    result = dream(settings)
    assert (result.status, result.signal) == (DreamStatus.OUT_OF_MEMORY, "SIGKILL")
    assert "more than its 100 MiB" in (result.error or "")


def test_the_memory_of_grandchildren_counts() -> None:
    program = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", "x = bytearray(200 * 2**20); {SLEEPS}"], start_new_session=True)"""
    assert dream(replace(acting(program), memory_bytes=100 * 2**20)).status is DreamStatus.OUT_OF_MEMORY


def test_a_child_that_takes_too_long_is_ended() -> None:
    result = dream(replace(acting(SLEEPS), seconds=0.6))
    assert (result.status, result.signal) == (DreamStatus.TIMED_OUT, "SIGTERM")
    assert "longer than 1 s " in (result.error or "")


def test_a_suspended_child_is_killed_at_the_time_limit() -> None:
    result = dream(replace(acting("import os; os.kill(os.getpid(), 19)"), seconds=3))
    assert (result.status, result.signal) == (DreamStatus.TIMED_OUT, "SIGKILL")


@pytest.mark.parametrize(("deaf", "name"), [("pass", "SIGTERM"), (DEAF.rpartition("; import")[0], "SIGKILL")])
def test_a_stop_kills_a_child_that_does_not_end_in_time(deaf: str, name: str) -> None:
    result = dream(f"{deaf}; {STEP}; {SLEEPS}", stops=True)
    assert (result.status, result.signal) == (DreamStatus.STOPPED, name)
    assert result.seconds < 20
    assert not result.status.is_failure


def test_processes_left_behind_are_killed(tmp_path: Path) -> None:
    program = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "{DEAF}"])
open({str(tmp_path / "pid")!r}, "w").write(f"{{child.pid}}\\n")
{SAYS.format("applied")}"""
    assert dream(program).status is DreamStatus.DONE
    assert gone(number_in(tmp_path / "pid"))


def test_grandchildren_are_killed_with_a_stopped_dream(tmp_path: Path) -> None:
    program = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "{DEAF}"], start_new_session=True)
open({str(tmp_path / "pid")!r}, "w").write(f"{{child.pid}}\\n")
signal = __import__("signal"); signal.signal(15, signal.SIG_IGN)
{STEP}
{SLEEPS}"""
    assert dream(program, stops=True).status is DreamStatus.STOPPED
    assert gone(number_in(tmp_path / "pid"))


def test_cancelling_kills_the_child(tmp_path: Path) -> None:
    program = f"import os; open({str(tmp_path / 'pid')!r}, 'w').write(f'{{os.getpid()}}\\n'); {DEAF}"

    async def main() -> int:
        task = asyncio.create_task(run_dream(DreamRequest(Path("/root")), acting(program)))
        pid = await asyncio.to_thread(number_in, tmp_path / "pid")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.5)
        return pid

    assert gone(asyncio.run(main()))


def test_a_child_dies_with_its_daemon(tmp_path: Path) -> None:
    child = f"import os; open({str(tmp_path / 'pid')!r}, 'w').write(f'{{os.getpid()}}\\n'); {SLEEPS}"
    daemon = f"""
import asyncio, sys
from pathlib import Path
from kairos_service.worker import *
settings = WorkerSettings(command=(sys.executable, "-c", {child!r}))
asyncio.run(run_dream(DreamRequest(Path("/root")), settings))"""
    env = {**os.environ, "PYTHONPATH": f"{_CHECKOUT}:{_CHECKOUT / 'service'}"}
    with subprocess.Popen([sys.executable, "-c", daemon], env=env) as process:
        pid = number_in(tmp_path / "pid")
        assert running(pid)
        process.send_signal(signal.SIGKILL)
    assert gone(pid)


def test_a_missing_command_is_named_in_the_error() -> None:
    result = dream(WorkerSettings(command=("/nowhere/python",)))
    assert (result.status, result.exit_code) == (DreamStatus.FAILED, 1)
    assert "/nowhere/python" in (result.error or "")


def test_no_file_descriptor_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for program in (SAYS.format("nothing"), "import os; os.kill(os.getpid(), 11)"):
        dream(program)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_the_daemons_part_loads_nothing_heavy() -> None:
    program = (
        "import sys, kairos_service.worker, kairos_service.queue;"
        "print({m.partition('.')[0] for m in sys.modules} &"
        " {'numpy', 'faiss', 'torch', 'onnxruntime', 'pydantic', 'rich', 'sqlite3', 'click'})"
    )
    env = {**os.environ, "PYTHONPATH": f"{_CHECKOUT}:{_CHECKOUT / 'service'}"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_running_out_of_descriptors_leaves_no_pipe_open() -> None:
    program = """
import asyncio, os, resource
from pathlib import Path
from kairos_service.dreams import DreamRequest
from kairos_service.worker import WorkerSettings, run_dream
from tests.processes import gone, number_in, running

def opened():
    return len(os.listdir("/dev/fd"))

async def main():
    before = opened()
    for room in range(8):
        resource.setrlimit(resource.RLIMIT_NOFILE, (before + room, 1024))
        result = await run_dream(DreamRequest(Path("/root")), WorkerSettings(command=("/bin/true",)))
        if room < 6:
            assert "could not be started" in (result.error or ""), result
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
        assert opened() == before, room

asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=_CHECKOUT)
