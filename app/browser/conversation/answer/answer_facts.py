"""Numbers of an answer: mode, times, tokens. Estimates are marked with ~, unknown ones are left
out.
"""

from collections.abc import Sequence

from ....core.messages import Message
from ....history.records import EDITED, MessageRecord
from ...web import words as web_words
from .. import token_counts
from . import words

_MODES = {"streaming": "Streaming", "sync": "Sync"}


def facts(records: Sequence[MessageRecord]) -> list[str]:
    """List the facts of an answer that has ended: all its messages, in order. Its times are those
    that a person waited: the times of all tries.
    """
    records = [record for record in records if record.message.role == "assistant"]
    answers = [record.message for record in records]
    if not answers:
        return []
    edited = [record for record in records if record.note == EDITED]
    if edited:
        told = words.EDITED_ELSEWHERE if edited[0].from_file else words.EDITED_BY_YOU
        return [told, *facts([record for record in records if record.note != EDITED])]
    mode = answers[-1].mode
    known = [_MODES[mode]] if mode is not None else []
    first_s = answers[0].timing.first_output_s if answers[0].timing is not None else None
    # In sync mode everything comes at once: the first token is the whole answer.
    if first_s is not None and mode != "sync":
        known.append(f"first token {web_words.seconds(first_s + records[0].lost_s)}")
    times = [one.timing.total_s for one in answers if one.timing is not None]
    if times:
        known.append(f"total {web_words.seconds(sum(times) + sum(one.lost_s for one in records))}")
    tries = 1 + sum(record.tries - 1 for record in records)
    if tries > 1:
        known.append(f"{tries} tries")
    known += _tokens(answers)
    if speed := token_counts.tokens_per_second(answers):
        known.append(_speed(speed))
    if len(answers) > 1:
        known.append(f"{len(answers)} model calls")
    return known


def facts_so_far(characters: int, waited_s: float, wrote_s: float | None) -> list[str]:
    """List the facts of an answer on its way: how much has come in how long."""
    known = [web_words.seconds(waited_s) if waited_s < 1 else f"{waited_s:.0f} s"]
    tokens = characters / token_counts.CHARACTERS_PER_TOKEN
    if tokens:
        known.append(f"~{_count(tokens)}")
    # The first moments tell no speed.
    if wrote_s and wrote_s > 0.5:
        known.append("~" + _speed(tokens / wrote_s))
    return known


def context_meter(used: int, is_guess: bool, window: int | None) -> str:
    """The text of the meter."""
    mark = "~" if is_guess else ""
    if window:
        return f"Context {mark}{100 * used / window:.0f} %"
    return f"Context {mark}{_short(used)} {_noun(used)}"


def context_spoken(used: int, is_guess: bool, window: int | None) -> str:
    """The text of the meter for people who want to know exactly."""
    about = "About " if is_guess else ""
    of = f" of {window:,}" if window else ""
    unknown = "" if window else " How many the model can read is not known."
    noun = _noun(window or used)
    goes = "goes" if noun == "token" else "go"
    return (
        f"{about}{used:,}{of} {noun} of this chat {goes} to the model with the next question."
        f"{unknown}"
    )


def _tokens(answers: Sequence[Message]) -> list[str]:
    usage = token_counts.usage_of(answers)
    known = []
    if usage is not None and usage.input_tokens is not None:
        known.append(f"{_count(usage.input_tokens)} in")
        if usage.cached_tokens:
            known.append(f"{usage.cached_tokens:,} cached")
    if usage is not None and usage.output_tokens is not None:
        known.append(f"{_count(usage.output_tokens)} out")
        if usage.reasoning_tokens:
            known.append(f"{usage.reasoning_tokens:,} reasoning")
    elif estimated := token_counts.estimate(answers):
        # Providers count at the end, which an answer that was stopped or cut never saw.
        known.append(f"~{_count(estimated)} out")
    return known


def _count(tokens: float) -> str:
    return f"{tokens:,.0f} {_noun(tokens)}"


def _noun(tokens: float) -> str:
    return "token" if round(tokens) == 1 else "tokens"


def _speed(tokens_per_s: float) -> str:
    return f"{tokens_per_s:,.0f} tokens/s" if tokens_per_s >= 10 else f"{tokens_per_s:.1f} tokens/s"


def _short(tokens: int) -> str:
    return f"{tokens:,}" if tokens < 10_000 else f"{tokens / 1000:,.0f}k"
