"""Our side, the same file under CPython and in the tab."""

import json
from collections.abc import Sequence
from typing import Any

from app.core.messages import Message
from app.protocols import decoder


def to_bytes(chunks: Sequence[Any]) -> list[bytes]:
    """Bring JavaScript's byte arrays over, before the clock runs."""
    return [chunk.to_bytes() for chunk in chunks]


def decode(chunks: Sequence[bytes]) -> Message:
    """Decode bytes that are in hand."""
    decoding = decoder("openai-chat")
    for chunk in chunks:
        decoding.feed(chunk)
    decoding.close()
    return decoding.message


async def receive(stream: Any) -> Message:
    """Decode what comes over from JavaScript, as the transport of the page does."""
    from app.browser.net.pump import Pump  # in the tab alone

    decoding = decoder("openai-chat")
    pump = Pump(stream)
    async for burst in pump.bursts():
        decoding.feed(burst)
    pump.close()
    decoding.close()
    return decoding.message


def answer(message: Message) -> str:
    """Return the fields of an `Answer` as JSON."""
    usage = message.usage
    return json.dumps(
        {
            "text": message.text,
            "reasoning": message.reasoning,
            "tool_calls": [[call.id, call.name, call.arguments] for call in message.tool_calls],
            "finish_reason": message.finish_reason_raw,
            "input_tokens": usage and usage.input_tokens,
            "output_tokens": usage and usage.output_tokens,
        }
    )
