"""What the command line and the daemon share. Everything here is fast to import."""
