"""How an answer came, in numbers: mode, times, tokens. What is not known is estimated, and marked
with ~, or left out. Pure.
"""

from collections.abc import Sequence

from ...core.messages import Message, Reasoning, Refusal, Text, ToolCall, ToolResult, Usage
from .words import seconds

# English text has about four characters a token; so does code, and other scripts have fewer. The
# estimate is only shown where a provider counts nothing.
_CHARACTERS_PER_TOKEN = 4


def facts(messages: Sequence[Message]) -> list[str]:
    """What is known of an answer that has ended: all its messages, in order."""
    answers = [message for message in messages if message.role == "assistant"]
    if not answers:
        return []
    is_sync = answers[-1].mode == "sync"
    known = ["Sync" if is_sync else "Streaming"]
    first_s = answers[0].timing.first_output_s if answers[0].timing is not None else None
    # In sync mode everything comes at once: the first token is the whole answer.
    if first_s is not None and not is_sync:
        known.append(f"first token {seconds(first_s)}")
    times = [message.timing.total_s for message in answers if message.timing is not None]
    if times:
        known.append(f"total {seconds(sum(times))}")
    known += _tokens(answers)
    if speed := tokens_per_second(answers):
        known.append(_speed(speed))
    if len(answers) > 1:
        known.append(f"{len(answers)} model calls")
    return known


def live(characters: int, waited_s: float, wrote_s: float | None) -> list[str]:
    """What is known of an answer that is on its way: how much has come in how long."""
    known = [seconds(waited_s) if waited_s < 1 else f"{waited_s:.0f} s"]
    tokens = characters / _CHARACTERS_PER_TOKEN
    if tokens:
        known.append(f"~{tokens:,.0f} tokens")
    # The first moments tell no speed.
    if wrote_s and wrote_s > 0.5:
        known.append("~" + _speed(tokens / wrote_s))
    return known


def usage_of(messages: Sequence[Message]) -> Usage | None:
    """The sum over the model calls of an answer, None where nothing was counted."""
    total: Usage | None = None
    for message in messages:
        if message.usage is not None:
            total = message.usage if total is None else total + message.usage
    return total


def tokens_per_second(messages: Sequence[Message]) -> float | None:
    """How fast the model wrote, None where its provider counts no tokens.

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
    """How many tokens of the model's window this conversation fills, and whether that is guessed.

    Counted at the last answer whose provider told; what came after it is estimated.
    """
    after: list[Message] = []
    for message in reversed(messages):
        usage = message.usage
        if usage is not None and usage.input_tokens is not None:
            counted = usage.input_tokens + (usage.output_tokens or 0)
            rest = _estimate(after)
            return counted + rest, rest > 0
        after.append(message)
    return _estimate(after), True


def context(used: int, is_guess: bool, window: int | None) -> str:
    """What the meter says."""
    mark = "~" if is_guess else ""
    if window:
        return f"Context {mark}{100 * used / window:.0f} %"
    return f"Context {mark}{_short(used)}"


def context_spoken(used: int, is_guess: bool, window: int | None) -> str:
    """The same for people who want to know exactly."""
    about = "About " if is_guess else ""
    of = f" of {window:,}" if window else ""
    unknown = "" if window else " How many the model can read is not known."
    return (
        f"{about}{used:,}{of} tokens of this chat go to the model with the next question.{unknown}"
    )


def _tokens(answers: Sequence[Message]) -> list[str]:
    usage = usage_of(answers)
    known = []
    if usage is not None and usage.input_tokens is not None:
        known.append(f"{usage.input_tokens:,} tokens in")
        if usage.cached_tokens:
            known.append(f"{usage.cached_tokens:,} cached")
    if usage is not None and usage.output_tokens is not None:
        known.append(f"{usage.output_tokens:,} tokens out")
        if usage.reasoning_tokens:
            known.append(f"{usage.reasoning_tokens:,} reasoning")
    elif estimated := _estimate(answers):
        # Providers count at the end, which an answer that was stopped or cut never saw.
        known.append(f"~{estimated:,} tokens out")
    return known


def _estimate(messages: Sequence[Message]) -> int:
    characters = 0
    for message in messages:
        for part in message.parts:
            if isinstance(part, Text | Reasoning | Refusal):
                characters += len(part.text)
            elif isinstance(part, ToolCall):
                characters += len(part.name) + len(part.arguments)
            elif isinstance(part, ToolResult):
                characters += len(part.content)
    return -(-characters // _CHARACTERS_PER_TOKEN)


def _speed(tokens_per_s: float) -> str:
    return f"{tokens_per_s:,.0f} tokens/s" if tokens_per_s >= 10 else f"{tokens_per_s:.1f} tokens/s"


def _short(tokens: int) -> str:
    return f"{tokens:,}" if tokens < 10_000 else f"{tokens / 1000:,.0f}k"
