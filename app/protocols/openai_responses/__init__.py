"""OpenAI Responses, and others that offer it too: Azure, xAI, OpenRouter, DeepSeek, llama.cpp.

Described at https://platform.openai.com/docs/api-reference/responses-streaming; written from
recorded streams and the types of OpenAI's Python package 3.52.0 (November 2026). Each provider's
own habits are named where they are handled.
"""

from ..openai_style import MODELS_PATH, authorization, parse_models
from .decoder import Decoder
from .request import NAME, render

__all__ = ["MODELS_PATH", "NAME", "Decoder", "authorization", "parse_models", "render"]
