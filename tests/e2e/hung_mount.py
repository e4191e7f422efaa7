"""A stand-in for a mount whose server can go away: a preloaded library that blocks all calls below a directory."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

PATIENCE = 60
COMPILER = shutil.which("cc") or shutil.which("gcc")

SHIM = r"""
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define NEXT(type, name) ((type) dlsym(RTLD_NEXT, name))
/* Whatever is asked below $HUNG has to wait while the file $HUNG_WHILE exists. */
static void wait_for(const char *path) {
    const char *hung = getenv("HUNG"), *flag = getenv("HUNG_WHILE");
    if (!path || !hung || !flag || strncmp(path, hung, strlen(hung))) return;
    while (NEXT(int (*)(const char *, int), "access")(flag, F_OK) == 0) {
        /* The flag's permissions say that somebody waits. */
        chmod(flag, 0700); usleep(100000);
    }
}
#define ASK(name, second) \
    int name(const char *path, second value) { \
        wait_for(path); return NEXT(int (*)(const char *, second), #name)(path, value); \
    }
ASK(stat, struct stat *)
ASK(lstat, struct stat *)
ASK(stat64, struct stat64 *)
ASK(lstat64, struct stat64 *)
ASK(access, int)
DIR *opendir(const char *path) { wait_for(path); return NEXT(DIR *(*)(const char *), "opendir")(path); }
ssize_t readlink(const char *path, char *to, size_t size) {
    wait_for(path); return NEXT(ssize_t (*)(const char *, char *, size_t), "readlink")(path, to, size);
}
#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more); \
        wait_for(path); return NEXT(int (*)(const char *, int, ...), #name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
"""


class Mount:
    """Turns a directory into a mount whose server can go away, for every program that is started afterwards."""

    def __init__(self, directory: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        if COMPILER is None:
            pytest.skip("there is no C compiler to make the stand-in with")
        source, library = place / "shim.c", place / "shim.so"
        source.write_text(SHIM, encoding="utf-8")
        subprocess.run([COMPILER, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self._flag = place / "hung"
        for name, value in (("LD_PRELOAD", library), ("HUNG", directory), ("HUNG_WHILE", self._flag)):
            monkeypatch.setenv(name, str(value))

    def hang(self) -> None:
        self._flag.touch()

    def wait_for_a_call(self) -> None:
        """Wait until a call hangs that was made since `hang`."""
        end = time.monotonic() + PATIENCE
        while not self._flag.stat().st_mode & 0o100:
            assert time.monotonic() < end
            time.sleep(0.05)

    def answer(self) -> None:
        self._flag.unlink()
