"""Carrying bytes to a provider and back, and the addresses that may be called.

Of the page it may import web.
"""
