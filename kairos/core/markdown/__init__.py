"""Markdown as bytes: what on a page is an entry or a link, and edits that leave all other bytes alone."""
