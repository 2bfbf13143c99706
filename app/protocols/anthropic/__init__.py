"""Anthropic Messages, and the servers that speak it too (llama.cpp, and many gateways).

Source: https://platform.claude.com/docs/en/api/messages and
https://platform.claude.com/docs/en/build-with-claude/streaming, as of November 2026.
"""

from .decoder import Decoder
from .request import MODELS_PATH, authorization, parse_models, render
from .turns import NAME

__all__ = ["MODELS_PATH", "NAME", "Decoder", "authorization", "parse_models", "render"]
