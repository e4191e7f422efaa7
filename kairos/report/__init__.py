"""Reports of what a dream found and did, for people and for programs. Nothing here reads the disk or the clock."""
