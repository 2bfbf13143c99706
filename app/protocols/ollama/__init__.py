"""Ollama's own protocol: `/api/chat`, one JSON object a line.

Sources: docs/api.md and docs/capabilities/thinking.mdx of https://github.com/ollama/ollama (read in
November 2026), and recorded streams.
"""

# The key is for ollama.com, and for proxies before one's own.
from ..openai_style import authorization, parse_models
from .decoder import Decoder
from .request import MODELS_PATH, NAME, render

__all__ = ["MODELS_PATH", "NAME", "Decoder", "authorization", "parse_models", "render"]
