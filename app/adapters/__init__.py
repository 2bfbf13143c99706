"""Names that other systems have made familiar, in a few lines over `core`: settings in a chain,
chunks with `content` and `tool_calls`.
"""

from .chunks import Chunk, by_chunk
from .fluent import FluentChat

__all__ = ["Chunk", "FluentChat", "by_chunk"]
