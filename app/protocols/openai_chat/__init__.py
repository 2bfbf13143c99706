"""OpenAI Chat Completions, and the dialects of everybody who says «OpenAI-compatible».

Source: https://platform.openai.com/docs/api-reference/chat-streaming (and each provider's own page
for its habits, named where they are handled).
"""

from ..openai_style import MODELS_PATH, authorization, parse_models
from .decoder import Decoder
from .request import NAME, render

__all__ = ["MODELS_PATH", "NAME", "Decoder", "authorization", "parse_models", "render"]
