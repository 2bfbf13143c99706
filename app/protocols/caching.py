"""Marks up to which Claude keeps what it has read of a request, for the next one.

Sources: https://platform.claude.com/docs/en/build-with-claude/prompt-caching and, for Claude behind
a gateway, https://openrouter.ai/docs/guides/best-practices/prompt-caching (2026-11-29). A question
too short to be kept costs nothing more. A mark finds what was kept up to 20 blocks before it, so
the question before the last is marked too. A request may have 4.
"""

from typing import Any

_MARK = {"cache_control": {"type": "ephemeral"}}
_MOST_QUESTIONS = 2


def mark(messages: list[dict[str, Any]]) -> None:
    """Mark the ends of the instructions, where they are among the messages, and of the last two
    questions.
    """
    system = [one for one in messages if one["role"] == "system"]
    asked = [one for one in messages if one["role"] == "user"]
    for message in [*system[-1:], *asked[-_MOST_QUESTIONS:]]:
        message["content"] = marked(message["content"])


def marked(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A content with a mark at its end."""
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [*blocks[:-1], blocks[-1] | _MARK]


def has_marks(value: Any) -> bool:
    """Tell whether a person has set marks, beside which ours would be too many."""
    if isinstance(value, dict):
        return "cache_control" in value or any(map(has_marks, value.values()))
    return isinstance(value, list) and any(map(has_marks, value))
