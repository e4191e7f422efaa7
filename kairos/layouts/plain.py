"""The layout of any other tree of Markdown files."""

from __future__ import annotations

from kairos.layouts.layout import Layout

LAYOUT = Layout("plain")
