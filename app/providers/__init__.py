"""Providers: name, address, key, habits. Data, but for the few lines that fill in a request.

How the bytes read is the matter of `protocols`.

    chat = Chat(provider("openrouter", key="…"), "openrouter/auto")
"""

from .provider import Browser, Provider
from .table import PROVIDERS, provider

__all__ = ["PROVIDERS", "Browser", "Provider", "provider"]
