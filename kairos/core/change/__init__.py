"""What a plan does to a root: what still stands, what can still be found, and what may be done unattended."""
