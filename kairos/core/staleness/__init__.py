"""Finds what has ended, is done or was replaced by the note's own words: the only reasons to prune it."""
