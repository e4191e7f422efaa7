"""Terminal output for people: wrapped to the width, with hanging indents, in colour where the console has it."""

from __future__ import annotations

from rich.console import Console
from rich.segment import Segment, Segments
from rich.text import Text

from kairos.report.commands import with_options
from kairos.report.escape import one_line, visible

Piece = str | tuple[str, str]
"""A text, or a text with its style."""

_WIDEST = 120
"""The page is never wider than this, however wide the terminal is: longer lines are hard to read."""
_NARROWEST = 20
"""A paragraph is at least this many columns wide, however far it is indented."""


class Page:
    """Writes to a console. Escapes all text with `visible`, and never interprets it as rich markup.

    Every command that it shows ends with `options`, so that it runs under the same configuration.
    """

    def __init__(self, console: Console, options: str = "") -> None:
        self._console = console
        self._options = options
        self._written = False
        self.width = min(console.width, _WIDEST)

    def heading(self, text: str) -> None:
        """Start a section."""
        self.gap()
        self.line((text, "bold"))

    def gap(self) -> None:
        """Write an empty line, unless nothing was written yet."""
        if self._written:
            self._console.print()

    def line(self, *pieces: Piece, indent: int = 0, marker: Piece = "", most: int = 0) -> None:
        """Write the pieces as one paragraph after `marker`; with `most`, cut it off after that many lines."""
        head = _text((" " * indent, marker))
        body = _text(pieces, squeezed=True)
        room = max(self.width - head.cell_len, _NARROWEST)
        lines = list(body.wrap(self._console, room))
        if most and len(lines) > most:
            rest = Text().join(lines[most - 1 :])
            rest.truncate(room, overflow="ellipsis")
            lines[most - 1 :] = [rest]
        for number, line in enumerate(lines):
            line.rstrip()
            self._print((Text(" " * head.cell_len) if number else head) + line)

    def command(self, label: str, *commands: str, indent: int = 2) -> None:
        """Write a command, or alternatives, on one line, however long, so that it can be copied."""
        text = Text(" " * indent)
        text.append(visible(label), "dim")
        words = "  or  ".join(f"{command} {self._options}".rstrip() for command in commands)
        self._print(text.append(visible(words)))

    def advice(self, sentence: str) -> str:
        """Return a sentence whose commands, in backticks, run under the same configuration."""
        return with_options(sentence, self._options)

    def verbatim(self, text: str, style: str = "") -> None:
        """Write one line as it is, with its tabs and the blanks at its end; only unsafe characters are escaped."""
        self._written = True
        line = Segment(visible(text), self._console.get_style(style or "none"))
        self._console.print(Segments([line, Segment.line()]), soft_wrap=True)  # a Text would expand its tabs

    def _print(self, text: Text) -> None:
        text.rstrip()
        self._written = True
        self._console.print(text, soft_wrap=True, highlight=False)


def _text(pieces: tuple[Piece, ...], *, squeezed: bool = False) -> Text:
    text = Text()
    for piece in pieces:
        words, style = (piece, "") if isinstance(piece, str) else piece
        text.append(_squeezed(words) if squeezed else visible(words), style)
    return text


def _squeezed(words: str) -> str:
    """Bring a piece onto one line but keep a space at its ends, because it has neighbours."""
    before = " " if words[:1].isspace() else ""
    after = " " if words[-1:].isspace() and words.strip() else ""
    return before + one_line(words) + after
