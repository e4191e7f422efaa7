"""The ways in which two texts that share most of their words can still say different things, one rule per module."""
