"""Gemini: `streamGenerateContent` and `generateContent`, from Google AI and from Vertex AI.

Source: https://ai.google.dev/api/generate-content and
https://ai.google.dev/gemini-api/docs/thought-signatures, as of November 2026.
"""

from .contents import NAME
from .decoder import Decoder
from .request import MODELS_PATH, authorization, parse_models, render

__all__ = ["MODELS_PATH", "NAME", "Decoder", "authorization", "parse_models", "render"]
