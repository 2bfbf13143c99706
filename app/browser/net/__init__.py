"""Carrying bytes to a provider and back, and the addresses that may be called."""
