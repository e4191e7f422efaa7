"""For any index and notes: one pass is enough, prose lines stay as they are, and the budget holds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kairos.core.index.budget import size
from kairos.core.index.linker import Linker
from kairos.core.markdown.render import edits_by_path, render_file
from kairos.core.root.pointers import directory
from kairos.core.root.reading import Reading
from kairos.layouts import by_name
from kairos.model import IndexSize, Role, Snapshot, Source

NAMES = ("user_a", "user_b", "project_c", "project-d", "dir/e", "dir/f g", "h(1)")
BUDGET = IndexSize(12, 700)
Files = dict[str, bytes]

targets = st.sampled_from([*NAMES, "old/e", "gone", "../out", "USER-A"])
hooks = st.sampled_from(
    ["", " — a hook", ": hook with `code`", " - see `user_a.md`", " — wraps\n  over two lines"]
)


@st.composite
def pointing_lines(draw: st.DrawFn) -> str:
    name = draw(targets)
    encoded = name.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    link = draw(
        st.sampled_from([f"[T]({encoded}.md)", f"`{name}.md`", f"[[{name}]]", f"**[T](<{name}.md>)**"])
    )
    lead = draw(st.sampled_from(["- ", "* ", "1. ", "", "- Title: ", "| "]))
    return f"{lead}{link}{draw(hooks)}"


prose = st.sampled_from(
    [
        "# Heading",
        "",
        "Prose.",
        "- a fact of 8080",
        "```",
        "<!-- note -->",
        "| a | b |\n|---|---|",
        "- [ ] task\n  - child",
    ]
)
indexes = st.lists(st.one_of(prose, prose, pointing_lines()), max_size=16)
notes = st.dictionaries(
    st.sampled_from([f"{name}.md" for name in NAMES]),
    st.sampled_from(
        [b"", b"A fact.\n", b"# T\n\nSee [[user_a]].\n", b"---\nname: x_y\ntype: user\n---\nFact [z] `q.\n"]
    ),
)


def read(files: Files) -> Reading:
    role_of = by_name("plain").role_of
    sources = tuple(
        Source(path, data, path, 0, 0o644, role_of(path) or Role.NOTE) for path, data in sorted(files.items())
    )
    return Reading.of(Snapshot("/root", "plain", sources))


def maintained(files: Files, budget: IndexSize) -> tuple[Files, int, bool]:
    changes, skipped = Linker(read(files), budget).derived((), (), narrow=False)
    after: dict[str, bytes | None] = dict(files)
    for path, edits in edits_by_path(changes).items():
        after[path] = render_file(files.get(path), edits)
    left = {path: data for path, data in after.items() if data is not None}
    return left, len(changes), any(skip.what == "MEMORY.md" for skip in skipped)


def reached(files: Files) -> set[str]:
    """The notes to which the index leads, or a sub-index that it leads to."""
    reading = read(files)
    known = directory(reading)
    found: set[str] = set()
    waiting = ["MEMORY.md"]
    while waiting:
        path = waiting.pop()
        links = reading.facts[path].links if path in reading.facts else ()
        new = {to for link in links if (to := known.resolve(link, path))} - found
        found |= new
        waiting += new
    return found


@settings(max_examples=150, deadline=None)
@given(
    lines=indexes,
    files=notes,
    newline=st.sampled_from(["\n", "\r\n"]),
    ends=st.booleans(),
    small=st.booleans(),
)
def test_a_second_pass_changes_nothing(
    lines: list[str], files: Files, newline: str, ends: bool, small: bool
) -> None:
    budget = BUDGET if small else IndexSize(200, 25_000)
    text = "\n".join(lines) + ("\n" if ends else "")
    before = {**files, "MEMORY.md": text.replace("\n", newline).encode()}
    after, _, excused = maintained(before, budget)
    again, count, _ = maintained(after, budget)
    assert (again, count) == (after, 0)
    assert excused or {path for path, data in files.items() if data} <= reached(after)
    old, new = size(before["MEMORY.md"]), size(after["MEMORY.md"])
    assert new.lines <= max(budget.lines, old.lines)
    assert new.bytes <= max(budget.bytes, old.bytes)
    assert excused or (new.lines <= budget.lines and new.bytes <= budget.bytes)


@settings(max_examples=150, deadline=None)
@given(lines=indexes, files=notes)
def test_lines_without_pointers_stay(lines: list[str], files: Files) -> None:
    before = {**files, "MEMORY.md": "\n".join(lines).encode()}
    after, _, _ = maintained(before, BUDGET)
    kept = iter(after["MEMORY.md"].decode().splitlines())
    for line in "\n".join(line for line in lines if "md" not in line and "[[" not in line).splitlines():
        assert line in kept
