"""Kairos keeps the memory directories of AI agents healthy, and loses nothing."""

__version__ = "0.1.0"
