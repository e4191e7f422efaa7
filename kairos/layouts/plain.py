"""Any tree of Markdown."""

from __future__ import annotations

from kairos.layouts.layout import Layout

LAYOUT = Layout("plain")
