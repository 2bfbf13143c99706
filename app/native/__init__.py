"""CPython without a server."""
