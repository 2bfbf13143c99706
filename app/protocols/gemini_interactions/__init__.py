"""Gemini's Interactions API: an answer is a list of steps, of thoughts, calls, tools and output.

Source: https://ai.google.dev/gemini-api/docs/interactions-overview,
https://ai.google.dev/api/interactions-api and the types of google-genai 3.6.1, as of November 2026.
Records of the form before June 2026 (`content.delta`, `outputs`) are no longer sent. No version is
named in a header (`Api-Revision`): it has no effect any more, and a page that sends it is not let
in: https://github.com/googleapis/js-genai/issues/1723
"""

from ..gemini import MODELS_PATH, authorization, parse_models
from .decoder import Decoder
from .request import render
from .steps import NAME

__all__ = ["MODELS_PATH", "NAME", "Decoder", "authorization", "parse_models", "render"]
