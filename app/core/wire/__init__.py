"""Bytes: framing, transports, recordings, and secrets that must not be among them."""
