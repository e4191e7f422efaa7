"""What a dream found and did, for people and for programs. Nothing here reads a disk or a clock."""
