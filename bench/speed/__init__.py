"""The speed benchmark: dreams over generated directories as whole processes, next to other tools."""
