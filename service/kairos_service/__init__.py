"""The daemon: watches the configured roots and starts a dream, in a process of its own, when the gates are open."""
