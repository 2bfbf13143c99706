"""Findings on an answer that never ends, lacks something or is slow, in sentences.

for finding in diagnose(message, deadlines=chat.deadlines, exchanges=recorder.exchanges):
    print(finding.what, finding.advice)
"""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Literal

import msgspec

from ..messages import Message
from ..running.step import Deadlines
from ..wire.recording import Exchange

Topic = Literal["never ends", "missing", "slow"]

# Where a person begins to wonder, in seconds and tokens a second.
_LONG_WAIT_S = 5.0
_LONG_GAP_S = 2.0
_SLOW_RATE = 10.0

# A gap is a gap where it is so many times as long as the usual distance between two chunks.
_GAP_RATIO = 10
# A stream is held up somewhere where all of it comes in this last part of the time.
_BURST_SHARE = 0.1


class Finding(msgspec.Struct, frozen=True):
    """One thing that was found: what it is, and what to do about it."""

    topic: Topic
    what: str
    advice: str


def diagnose(
    message: Message,
    *,
    deadlines: Deadlines | None = None,
    exchanges: Sequence[Exchange] = (),
) -> list[Finding]:
    """Look at an answer, ended or not. Nothing is found where nothing is unusual.

    `deadlines` are those it was asked with, `exchanges` its recording; more is seen with both.
    """
    exchange = exchanges[-1] if exchanges else None
    return [
        *_endless(message, deadlines, exchange),
        *_missing(message),
        *_slow(message, exchange),
    ]


def _endless(
    message: Message, deadlines: Deadlines | None, exchange: Exchange | None
) -> Iterator[Finding]:
    if message.error is not None and message.error.kind == "timeout":
        yield Finding(
            "never ends",
            f"A deadline ended the wait: {message.error.message}",
            "Is the provider up? If it only needs longer, give that deadline more seconds.",
        )
    if message.status is not None:
        return
    if exchange is not None and exchange.end == "running":
        yield _silence(message, exchange)
    if deadlines is not None and (unset := _unset(deadlines, message)):
        names = ", ".join(unset)
        yield Finding(
            "never ends",
            f"There is no limit on {' or '.join(unset.values())}: a silent provider is waited for "
            "without end.",
            f"Set it with Deadlines({names.replace(', ', '=…, ')}=…), in seconds.",
        )


def _silence(message: Message, exchange: Exchange) -> Finding:
    if exchange.status is None:
        return Finding(
            "never ends",
            "The request was sent, and the provider has not begun to answer.",
            "Check the address and the provider's status; a long question takes long to read.",
        )
    if not exchange.chunks:
        return Finding(
            "never ends",
            f"The provider took the request ({exchange.status}) and has sent nothing since.",
            "It may be loading the model, or queue requests; sync mode sends all at the end.",
        )
    last_s = exchange.chunks[-1].at_s
    if not message.parts:
        return Finding(
            "never ends",
            f"Bytes arrive (the last after {last_s:.1f} s), but no part of an answer: signs of "
            "life only, or another wire format.",
            "Look at the recorded bytes, and whether the protocol is the right one.",
        )
    return Finding(
        "never ends",
        f"The last bytes came {last_s:.1f} s after the request, and the stream is still open.",
        "Stop it and keep what came; idle_s would do so by itself.",
    )


def _unset(deadlines: Deadlines, message: Message) -> dict[str, str]:
    """The deadlines that could end this wait and are not set, with what each is for."""
    if deadlines.total_s is not None:
        return {}
    if message.mode == "sync":
        return {} if deadlines.sync_s is not None else {"sync_s": "a whole answer"}
    limits = {
        "connect_s": "the connection",
        "first_output_s": "the first token",
        "idle_s": "silence within an answer",
    }
    return {name: words for name, words in limits.items() if getattr(deadlines, name) is None}


def _missing(message: Message) -> Iterator[Finding]:
    match message.status:
        case "incomplete":
            yield Finding(
                "missing",
                "The connection was closed before the model had finished.",
                "Ask again; if it happens often, something between (a proxy, a time limit) ends "
                "long answers.",
            )
        case "aborted":
            yield Finding(
                "missing",
                "The answer was stopped, or its reader left before the end.",
                "Read until Done; leaving the loop early ends the request.",
            )
        case "error" if message.parts:
            words = message.error.message if message.error else "no reason was given"
            yield Finding(
                "missing", f"The answer failed midway: {words}", "What came before is kept."
            )
    match message.finish_reason:
        case "length":
            yield Finding(
                "missing",
                "The model ran into its length limit.",
                "Raise max_tokens, or ask it to go on.",
            )
        case "content_filter":
            yield Finding(
                "missing", "The provider's filter ended the answer.", "Put the question otherwise."
            )
    if message.status == "complete" and not (message.text or message.tool_calls or message.files):
        yield _nothing_said(message)
    if message.warnings:
        yield Finding(
            "missing",
            f"{len(message.warnings)} things on the wire were not as they should be; the first: "
            f"{message.warnings[0]}",
            "The recording shows the bytes; tell the provider.",
        )


def _nothing_said(message: Message) -> Finding:
    if message.refusal:
        return Finding("missing", "The model refused.", "Its words are in `refusal`.")
    if message.reasoning:
        return Finding(
            "missing",
            "The model only thought: there is reasoning, and no answer.",
            "Raise max_tokens or lower the reasoning effort; the rest is in `reasoning`.",
        )
    reasoning = message.usage.reasoning_tokens if message.usage else None
    if reasoning:
        return Finding(
            "missing",
            f"The provider counted {reasoning} tokens of hidden reasoning, and no text came.",
            "Raise max_tokens or lower the reasoning effort.",
        )
    return Finding(
        "missing",
        "The answer is complete and empty.",
        "Ask otherwise; some models answer an empty or odd question with nothing.",
    )


def _slow(message: Message, exchange: Exchange | None) -> Iterator[Finding]:
    timing = message.timing
    if timing is not None and message.mode != "sync" and timing.first_output_s is not None:
        first_s, writing_s = timing.first_output_s, timing.total_s - timing.first_output_s
        if first_s > max(_LONG_WAIT_S, writing_s):
            yield Finding(
                "slow",
                f"The first token took {first_s:.1f} s, the rest {writing_s:.1f} s.",
                "Most of it is reading or queueing: shorten the question or the history, keep its "
                "beginning the same (so that it is cached), or choose a quicker model.",
            )
        tokens = (message.usage.output_tokens if message.usage else None) or 0
        if tokens > 1 and writing_s > 1 and tokens / writing_s < _SLOW_RATE:
            yield Finding(
                "slow",
                f"The model wrote {tokens / writing_s:.1f} tokens a second.",
                "The provider or your machine is busy, or the model is large: try a smaller one.",
            )
    if timing is not None and message.mode == "sync" and timing.total_s > _LONG_WAIT_S:
        yield Finding(
            "slow",
            f"In sync mode the answer comes at once, after {timing.total_s:.1f} s.",
            "Stream it: the first words come as soon as they are written.",
        )
    if exchange is not None and message.mode != "sync":
        yield from _held_up(exchange)


def _held_up(exchange: Exchange) -> Iterator[Finding]:
    """Gaps between chunks, and streams that something on the way collects."""
    times = [chunk.at_s for chunk in exchange.chunks]
    ended_s = exchange.ended_s
    is_long = ended_s is not None and ended_s > _LONG_GAP_S
    if is_long and times and ended_s and times[0] > ended_s * (1 - _BURST_SHARE):
        yield Finding(
            "slow",
            f"All of the answer arrived at once, after {times[0]:.1f} s, although it was streamed.",
            "Something between collects it: a proxy's buffering, compression, or a virus scanner.",
        )
        return
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    if not gaps:
        return
    longest_s = max(gaps)
    if longest_s > _LONG_GAP_S and longest_s > _GAP_RATIO * median(gaps):
        at_s = times[gaps.index(longest_s)]
        yield Finding(
            "slow",
            f"Nothing came for {longest_s:.1f} s, {at_s:.1f} s after the request.",
            "The provider paused: busy, or a tool of its own was running.",
        )
