"""Stands in for the daemon: tries what a sandbox should refuse, records what happened, and reports that it is ready.

Usage: probe.py REPORT [PLACE]...; REPORT is a file, and each PLACE a directory that it tries to write to. It needs only
the standard library, because it runs in whatever environment a unit gives it.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_USER_NAMESPACE = 0x10000000
_NO_RANDOM_ADDRESSES = 0x0040000


def tried(action: Callable[[], object]) -> str:
    """Return "open", or the name of the error that `action` raises."""
    try:
        action()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "?")
    return "open"


def call(name: str, *arguments: object) -> None:
    if getattr(_LIBC, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)


def write_to(place: str) -> None:
    with tempfile.TemporaryFile(dir=place):
        pass


def open_socket(family: str) -> None:
    raw = family in ("AF_NETLINK", "AF_PACKET")
    socket.socket(getattr(socket, family), socket.SOCK_RAW if raw else socket.SOCK_STREAM).close()


def set_the_group_bit() -> None:
    with tempfile.NamedTemporaryFile() as file:
        os.fchmod(file.fileno(), 0o2700)


def map_own_code() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def fields_of_status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def namespaces() -> dict[str, str]:
    return {name: str(Path(f"/proc/self/ns/{name}").readlink()) for name in ("net", "ipc", "mnt", "user")}


def listed(directory: str) -> list[str] | str:
    try:
        return sorted(entry.name for entry in Path(directory).iterdir())
    except OSError as error:
        return errno.errorcode[error.errno or 0]


def facts(places: list[str]) -> dict[str, Any]:
    status = fields_of_status()
    umask = os.umask(0)
    os.umask(umask)
    return {
        "write": {place: tried(partial(write_to, place)) for place in places},
        "home": listed(os.environ.get("HOME", "/")),
        "tmp": listed("/tmp"),
        "dev": listed("/dev"),
        "first_process": tried(Path("/proc/1").stat),
        "socket": {
            family: tried(partial(open_socket, family))
            for family in ("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET")
        },
        "new_namespace": tried(lambda: in_a_child(lambda: call("unshare", _NEW_USER_NAMESPACE))),
        "realtime": tried(lambda: in_a_child(real_time)),
        "nicer": tried(lambda: in_a_child(lambda: os.nice(1))),
        "group_bit": tried(set_the_group_bit),
        "personality": tried(lambda: in_a_child(lambda: call("personality", _NO_RANDOM_ADDRESSES))),
        "own_code": tried(map_own_code),
        "mount": tried(lambda: in_a_child(lambda: call("mount", b"x", b"/proc", b"tmpfs", 0, None))),
        "trace": tried(lambda: in_a_child(lambda: call("ptrace", 0, 0, None, None))),
        "clock": tried(lambda: time.clock_settime(time.CLOCK_REALTIME, time.time())),
        "hostname": tried(lambda: socket.sethostname(socket.gethostname())),
        "kernel_log": tried(lambda: call("klogctl", 3, ctypes.create_string_buffer(16), 16)),
        "modules": listed("/usr/lib/modules"),
        "tunable": tried(lambda: os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))),
        "read_only": {
            place: bool(os.statvfs(place).f_flag & os.ST_RDONLY)
            for place in ("/", "/proc/sys", "/proc/irq", "/sys/fs/cgroup", "/sys/kernel")
            if Path(place).is_dir()
        },
        "namespaces": namespaces(),
        "uid_map": Path("/proc/self/uid_map").read_text().split(),
        "uid": os.getuid(),
        "status": {name: status[name] for name in ("NoNewPrivs", "Seccomp", "CapBnd", "CapAmb", "CapEff")},
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "umask": umask,
        "core": resource.getrlimit(resource.RLIMIT_CORE)[1],
        "neighbour": tried(lambda: os.kill(int(os.environ["NEIGHBOUR"]), 0)) if "NEIGHBOUR" in os.environ else "",
        "environment": dict(os.environ),
        "groups": cgroups(),
        "checks": own_checks(),
    }  # fmt: skip


def cgroups() -> dict[str, str]:
    """The limits of this process's control groups, as far as the hierarchies show them."""
    limits = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, group = line.split(":", 2)
        for name in ("memory.max", "memory.limit_in_bytes", "pids.max"):
            for top in filter(None, (controllers, "unified", ".")):
                file = Path(f"/sys/fs/cgroup/{top}{group}/{name}")
                if file.exists():
                    limits[name.partition(".")[0]] = file.read_text().strip()
    return limits


def own_checks() -> dict[str, list[Any]]:
    """The results of the daemon's own checks in this environment."""
    if "PYTHONPATH" not in os.environ:
        return {}
    from kairos_service.looks import Looks  # noqa: PLC0415 - not everywhere
    from kairos_service.selfcheck import checks  # noqa: PLC0415 - not everywhere

    roots = [Path(root) for root in os.environ.get("ROOTS", "").split(":") if root]
    return {check.name: [check.ok, check.value] for check in checks(os.environ, roots, 10, Looks())}


def exhaust_memory() -> None:
    """Take a gigabyte of memory in a child that the kernel kills first, and report how it ended."""
    child = os.fork()
    if child == 0:
        Path("/proc/self/oom_score_adj").write_text("900")
        _eaten = bytearray(os.urandom(1 << 20) * 1024)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    notify(f"STATUS=child ended by {os.waitstatus_to_exitcode(status)}")


def in_a_child(action: Callable[[], object]) -> None:
    """Run an action that would change this process in a short-lived child, and raise the error that it met there."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except OSError as error:
            os._exit(error.errno or 255)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise OSError(code, "in a child")


def real_time() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


def notify(*lines: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(
            "\n".join(lines).encode(), address.replace("@", "\0", 1) if address[0] == "@" else address
        )


def main() -> None:
    report, *places = sys.argv[1:]
    seen = facts(places)
    signal.signal(signal.SIGHUP, lambda *_: notify("STATUS=reloaded"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGUSR1, lambda *_: exhaust_memory())
    signal.signal(signal.SIGUSR2, lambda *_: sys.exit(2))
    Path(report).write_text(json.dumps(seen))
    notify("READY=1", "STATUS=probed")
    while "NOTIFY_SOCKET" in os.environ:
        notify("WATCHDOG=1")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
