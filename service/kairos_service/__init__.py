"""The daemon: watches memory directories, and has dreams over them when their time has come."""
