"""What the command line and the daemon share: nothing here is slow to import."""
