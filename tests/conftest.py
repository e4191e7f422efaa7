"""Fixtures for all tests. Each test gets a made-up home; touching the real one raises an error."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import settings

# Set before numpy and faiss are loaded: a process forked while OpenMP threads run hangs in its first parallel section.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from kairos.core.root.reading import Reading
from kairos.layouts import by_name
from kairos.model import Decision, Plan, Snapshot, Source

if TYPE_CHECKING:
    from kairos.dream import Mode, Outcome
    from kairos.dream.vectors import Vectors
    from kairos.ml.opinion_cache import CachedJudge
    from kairos.store.state import State

_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM = 2**30
"""Free bytes in memory needed to put temporary directories there; a full run takes about 150 MB."""
_REAL_HOME = os.path.realpath(Path.home())
_CHECKOUT = str(Path(__file__).resolve().parent.parent)
_OFF_LIMITS = tuple(
    f"{_REAL_HOME}/{name}"
    for name in (
        ".claude",
        ".config/kairos",
        ".local/state/kairos",
        ".cache/kairos",
        ".openclaw",
        ".hermes",
        ".codex",
    )
)
_EVENTS = frozenset(
    {"open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "sqlite3.connect"}
)


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # With `&` or nohup, a shell starts us ignoring SIGINT, and children inherit that; some tests need Ctrl-C to work.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure() -> None:
    """Put `tmp_path` in memory: most tested code syncs its writes, and would wait for the disk."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


# No deadline: disks and busy machines are sometimes slow. What has to be fast has a timing test of its own.
settings.register_profile("kairos", deadline=None)
settings.load_profile("kairos")


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS or not arguments or not isinstance(arguments[0], str | bytes):
        return
    path = os.fsdecode(arguments[0])
    if any(path == place or path.startswith(f"{place}/") for place in _OFF_LIMITS):
        raise RuntimeError(f"A test touched the real home directory: {event} {path}")


def move_home(patch: pytest.MonkeyPatch, home: Path) -> None:
    patch.setenv("HOME", str(home))
    # For child processes, which start in other directories.
    patch.setenv("PYTHONPATH", f"{_CHECKOUT}{os.pathsep}{_CHECKOUT}/service")
    for variable, place in (
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_DATA_HOME", ".local/share"),
    ):
        patch.setenv(variable, str(home / place))
    for variable in ("CLAUDE_CONFIG_DIR", "KAIROS_DEBUG", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        patch.delenv(variable, raising=False)
        # Readline, which pytest imports, sets COLUMNS in the C environment, which only child processes see.
        os.unsetenv(variable)


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A directory in memory if the system has one, for tests that would spend most of their time waiting for a disk."""
    with TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        yield Path(name).resolve()


@pytest.fixture(scope="session")
def compiled_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the real model is compiled to, once for all workers, by the first test that needs it."""
    base = tmp_path_factory.getbasetemp()
    models = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "models"
    models.mkdir(mode=0o700, exist_ok=True)
    return models


def share_models(cache: Path, models: Path) -> None:
    """Make the compiled models available to everything that uses `cache`."""
    (cache / "kairos").mkdir(parents=True)
    (cache / "kairos" / "models").symlink_to(models)


@pytest.fixture(scope="session", autouse=True)
def _made_up_home(tmp_path_factory: pytest.TempPathFactory, compiled_models: Path) -> Iterator[None]:
    sys.addaudithook(_guard)
    with pytest.MonkeyPatch.context() as patch:
        directory = tmp_path_factory.mktemp("home")
        share_models(directory / ".cache", compiled_models)
        move_home(patch, directory)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled_models: Path) -> Path:
    """A home directory for this test alone, which is also the working directory."""
    directory = tmp_path / "home"
    share_models(directory / ".cache", compiled_models)
    move_home(monkeypatch, directory)
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture(scope="session")
def _shared_cache(tmp_path_factory: pytest.TempPathFactory, compiled_models: Path) -> Path:
    cache = tmp_path_factory.mktemp("shared-cache")
    share_models(cache, compiled_models)
    return cache


@pytest.fixture
def experienced(home: Path, monkeypatch: pytest.MonkeyPatch, _shared_cache: Path) -> Path:
    """A home with the cache of earlier dreams: the models' answers from earlier tests are kept.

    For dreams in child processes, which would spend most of their time loading the models.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(_shared_cache))
    return home


@pytest.fixture
def read() -> Callable[[Mapping[str, str]], Reading]:
    """A function that reads made-up files as a plain root, without touching the disk."""

    def of(files: Mapping[str, str]) -> Reading:
        sources = tuple(
            Source(name, data, hashlib.sha256(data).hexdigest(), 0, 0o644, role)
            for name, text in sorted(files.items())
            if (role := by_name("plain").role_of(name)) is not None
            for data in [text.encode()]
        )
        return Reading.of(Snapshot("/root", "plain", sources))

    return of


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory, compiled_models: Path) -> Vectors:
    """The real embedding model, loaded once; each text is embedded once in a test session."""
    from kairos.dream.vectors import Vectors  # noqa: PLC0415 - heavy
    from kairos.ml.cache import CachedEncoder  # noqa: PLC0415
    from kairos.ml.encoders import find_encoder  # noqa: PLC0415
    from kairos.ml.model_files import find_model  # noqa: PLC0415

    encoder = find_encoder(find_model(), compiled_models).encoder
    return Vectors(CachedEncoder(encoder, tmp_path_factory.mktemp("cache") / "vectors.db"))


@pytest.fixture(scope="session")
def opinions(tmp_path_factory: pytest.TempPathFactory) -> CachedJudge:
    """The real judge model; each pair is judged once in a test session."""
    from kairos.ml.judges import find_judge  # noqa: PLC0415 - heavy
    from kairos.ml.opinion_cache import CachedJudge  # noqa: PLC0415

    return CachedJudge(find_judge(), tmp_path_factory.mktemp("opinions") / "opinions.db")


class Bed:
    """A test bed: a real root in a temporary directory, and the front door to it."""

    def __init__(
        self, home: Path, vectors: Vectors, opinions: CachedJudge, files: Mapping[str, str | bytes]
    ) -> None:
        self.home, self.root = home, home / "memory"
        self.root.mkdir(parents=True)
        self._vectors = vectors
        self._opinions = opinions
        self.configure("")
        for name, text in files.items():
            self.write(name, text)

    def configure(self, text: str, *, now: datetime = datetime(2026, 3, 2, 4, tzinfo=UTC)) -> None:
        """Create the front door with this configuration and this time."""
        from kairos.config import parse_config  # noqa: PLC0415
        from kairos.dream import Kairos  # noqa: PLC0415

        env = {"HOME": str(self.home)}
        self.kairos = Kairos(
            parse_config(text, "test"), env=env, now=now, _vectors=self._vectors, _judge=self._opinions
        )

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def dream(self, mode: Mode | None = None, confirm: Callable[[Plan], bool] | None = None) -> Outcome:
        from kairos.dream import Mode  # noqa: PLC0415

        return self.kairos.dream(self.root, mode or Mode.UNATTENDED, confirm)

    def state(self) -> State:
        from kairos.store.state import State  # noqa: PLC0415

        return State.open(self.kairos.state_dir)

    def decisions(self, outcome: Outcome) -> tuple[Decision, ...]:
        """Return the decision recorded for each pair that a dream judged; empty if the state has no such dream."""
        from kairos.store.queries import show  # noqa: PLC0415

        with closing(self.state()) as state:
            report = show(state, outcome.dream or 0)
        return report.decisions if report else ()

    def files(self) -> dict[str, bytes]:
        return contents(self.root)

    def text(self, name: str) -> str:
        return (self.root / name).read_bytes().decode()


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread can be started."""

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)


def contents(directory: Path) -> dict[str, bytes]:
    """Return the bytes of every regular file below a directory, by relative path."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


class MakeBedIn(Protocol):
    """Makes a root with these files below a directory."""

    def __call__(self, directory: Path, files: Mapping[str, str | bytes]) -> Bed: ...


@pytest.fixture(scope="session")
def bed_in(vectors: Vectors, opinions: CachedJudge) -> MakeBedIn:
    """A function that makes a root in a given directory, for tests that run many examples."""
    return lambda directory, files: Bed(directory, vectors, opinions, files)


@pytest.fixture
def bed(
    tmp_path: Path, vectors: Vectors, opinions: CachedJudge
) -> Callable[[Mapping[str, str | bytes]], Bed]:
    """A function that makes a root with these files; each call makes a new one."""
    numbers = itertools.count()
    return lambda files: Bed(tmp_path / f"bed{next(numbers)}", vectors, opinions, files)


@dataclass
class Request:
    """A request as the server received it."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def user(self) -> str:
        """The content of the last message."""
        return str(self.body["messages"][-1]["content"])

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """The pairs that the request asks about."""
        return list(json.loads(self.user.splitlines()[1])["pairs"])


def agreeable(pair: Mapping[str, Any]) -> dict[str, Any]:
    """Answer that any two notes say the same."""
    return {"id": pair["id"], "relation": "same", "newer": None, "reason": "equal in meaning"}


Fault = Callable[["Handler", dict[str, Any]], None]
"""Makes the server misbehave: gets the connection and the good reply, and sends something else."""


@dataclass
class ModelServer:
    """A loopback server that speaks both protocols. `rule` answers each pair; `faults` are used first, one per call."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    usage: tuple[int, int] = (100, 20)
    model: str = "tiny"
    rule: Callable[[Mapping[str, Any]], dict[str, Any]] = agreeable

    def reply(self, request: Request, text: str | None = None) -> dict[str, Any]:
        """Return an answer wrapped in the protocol of the request; `rule` answers unless `text` is given."""
        said = text if text is not None else json.dumps({"answers": [self.rule(p) for p in request.pairs]})
        tokens_in, tokens_out = self.usage
        if request.path.endswith("/messages"):
            return {
                "id": "m1", "type": "message", "role": "assistant", "model": self.model,
                "content": [{"type": "text", "text": said}], "stop_reason": "end_turn",
                "usage": {"input_tokens": tokens_in, "output_tokens": tokens_out},
            }  # fmt: skip
        return {
            "id": "c1", "object": "chat.completion", "created": 1, "model": self.model,
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
            ],
            "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": 1},
        }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """A connection to a test's model server."""

    protocol_version = "HTTP/1.1"
    double: ModelServer
    request_seen: Request

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        headers = {name.lower(): text for name, text in self.headers.items()}
        request = Request(self.path, headers, json.loads(self.rfile.read(length)))
        self.request_seen = request
        self.double.requests.append(request)
        reply = self.double.reply(request)
        if self.double.faults:
            self.double.faults.pop(0)(self, reply)
        else:
            self.send(200, reply)

    def send(
        self, status: int, value: object, headers: Mapping[str, str] | None = None, cut: int = 0
    ) -> None:
        """Send a value as JSON, without its last `cut` bytes."""
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) - cut])
        self.close_connection = self.close_connection or bool(cut)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        """Say nothing."""


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A language model served on loopback."""
    double = ModelServer()
    handler = type("OwnHandler", (Handler,), {"double": double})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        double.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield double
        server.shutdown()
        thread.join()
