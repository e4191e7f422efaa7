"""Markdown as bytes: finds the entries and links of a file, and edits it without touching any other byte."""
