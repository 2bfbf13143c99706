"""A stream of Anthropic's, record by record."""

import json
from typing import Any

from app.scripted.steps import Send, Step


def event(name: str, **fields: Any) -> Step:
    """One of Anthropic's: https://platform.claude.com/docs/en/build-with-claude/streaming."""
    data = json.dumps({"type": name, **fields})
    return Send(f"event: {name}\ndata: {data}\n\n".encode())


def message(id: str) -> Step:
    usage = {"input_tokens": 12, "output_tokens": 1}
    return event("message_start", message={"id": id, "model": "otter", "usage": usage})


def block(index: int, kind: str, *deltas: dict[str, str], **more: Any) -> list[Step]:
    start = event("content_block_start", index=index, content_block={"type": kind, **more})
    return [
        start,
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]


def text(index: int, said: str) -> list[Step]:
    return block(index, "text", {"type": "text_delta", "text": said})
