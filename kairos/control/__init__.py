"""What the commands and the daemon share: where they meet, and what they say to each other.

Standard library only, so that `kairos status` starts at once.
"""
