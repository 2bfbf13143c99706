"""Tokens of an answer: how many, how fast, the room they fill. Numbers that no provider counted are
estimated. Pure.
"""

from collections.abc import Sequence

from ...core.messages import File, Message, Reasoning, Refusal, Text, ToolCall, ToolResult, Usage

# English text has about four characters a token; so does code, and other scripts have fewer. The
# estimate is only shown where a provider counts nothing.
CHARACTERS_PER_TOKEN = 4


def usage_of(messages: Sequence[Message]) -> Usage | None:
    """The sum over the model calls of an answer, None where nothing was counted."""
    total: Usage | None = None
    for message in messages:
        if message.usage is not None:
            total = message.usage if total is None else total + message.usage
    return total


def tokens_per_second(messages: Sequence[Message]) -> float | None:
    """Compute the speed of the model's writing, None where its provider counts no tokens.

    Counted from the first token on where tokens came one by one, else over the whole time, which
    then includes reading the question. Time in which tools ran does not count.
    """
    tokens, writing_s = 0, 0.0
    for message in messages:
        timing, usage = message.timing, message.usage
        if timing is None or usage is None or not usage.output_tokens:
            continue
        first_s = timing.first_output_s
        if message.mode == "sync" or first_s is None or usage.output_tokens < 2:
            tokens += usage.output_tokens
            writing_s += timing.total_s
        else:
            tokens += usage.output_tokens - 1
            writing_s += timing.total_s - first_s
    return tokens / writing_s if tokens and writing_s > 0 else None


def context_tokens(messages: Sequence[Message]) -> tuple[int, bool]:
    """Count the tokens of the context window that this conversation fills; tell whether that is a
    guess.

    Counted at the last answer whose provider told; what came after it is estimated.
    """
    after: list[Message] = []
    for message in reversed(messages):
        usage = message.usage
        if usage is not None and usage.input_tokens is not None:
            counted = usage.input_tokens + (usage.output_tokens or 0)
            rest = estimate(after)
            return counted + rest, rest > 0
        after.append(message)
    return estimate(after), True


def estimate(messages: Sequence[Message]) -> int:
    """Estimate the number of tokens of these messages."""
    characters = 0
    for message in messages:
        for part in message.parts:
            if isinstance(part, Text | Reasoning | Refusal):
                characters += len(part.text)
            elif isinstance(part, ToolCall):
                characters += len(part.name) + len(part.arguments)
            elif isinstance(part, ToolResult):
                characters += len(part.content)
            elif isinstance(part, File):
                characters += len(part.told)
    return -(-characters // CHARACTERS_PER_TOKEN)
