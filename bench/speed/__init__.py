"""How fast dreams are: generated directories, whole processes, and other tools beside them."""
