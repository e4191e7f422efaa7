"""What a plan makes of a root: what still stands, what is found again, and what may be done unattended."""
