"""Runs on the server beside a plain Starlette SSE endpoint that keeps nothing."""
