"""What a note itself says has ended, is done or was replaced: the only reasons to prune it."""
