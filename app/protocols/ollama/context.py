"""The size of the context, in tokens, that Ollama is asked for.

By itself it reads 4,096 tokens on most computers and leaves out earlier ones without a word:
https://docs.ollama.com/context-length. Another size loads the model anew, so it grows in few steps.
"""

from typing import Any

from ...core.json_values import encoded

# A context of Ollama's own has room for this beside an answer.
_SMALL = 2048
_STEPS = (8192, 16_384, 32_768, 65_536, 131_072, 262_144)
# For the thoughts and the answer, where no limit is set.
_ANSWER = 4096
# In UTF-8, so that it holds for letters of which each is a token.
_BYTES_PER_TOKEN = 3
_TOKENS_PER_IMAGE = 1000


def context_for(body: dict[str, Any], max_tokens: int | None, most: int) -> int | None:
    """The tokens that a request needs, as one of a few steps; None where it needs no word.

    `most` is what the model can read at all.
    """
    images = sum(len(message.get("images", ())) for message in body["messages"])
    told = [{**message, "images": None} for message in body["messages"]]
    size = len(encoded([told, body.get("tools")]))
    needed = size // _BYTES_PER_TOKEN + images * _TOKENS_PER_IMAGE
    if needed + (max_tokens or 0) <= _SMALL:
        return None
    needed += max_tokens or _ANSWER
    return min(next((step for step in _STEPS if step >= needed), _STEPS[-1]), most)
