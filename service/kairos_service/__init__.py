"""The daemon: it keeps every configured root healthy, and is honest about itself."""
