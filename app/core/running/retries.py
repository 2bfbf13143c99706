"""The rule by which a step that failed is tried again."""

import random

import msgspec

from ..events import Retry
from ..messages import Message

# Failures that waiting mends. A host that refuses the connection, or that a page may not call,
# does not: what to do about that should be said at once.
_PASSING = frozenset({"rate_limit", "overloaded", "server", "timeout"})


class Retries(msgspec.Struct, frozen=True):
    """Limits for trying a failed step again: how often, and after how long.

    Only before its first output was delivered, and only where waiting helps: after a rate limit,
    an overload, another 5xx or a deadline. `reset` says that the reader understands `StepReset`;
    then also what broke off in the middle. The wait is random up to `base_s` doubled with each
    attempt, or what the provider asks for; where that is longer than `cap_s` the run ends, and the
    error says how long.
    """

    attempts: int = 2
    base_s: float = 1
    cap_s: float = 60
    reset: bool = False

    def next(self, message: Message, attempt: int, has_output: bool) -> Retry | None:
        """The try that follows attempt number `attempt` (from 0); None where there is none."""
        if not message.has_failed or (has_output and not self.reset):
            return None
        error = message.error
        asked_s = error.retry_after_s if error is not None else None
        if has_output:
            is_retryable = error is None or error.retryable
        else:
            is_retryable = error is not None and error.retryable and error.kind in _PASSING
        if not is_retryable or attempt >= self.attempts or (asked_s or 0) > self.cap_s:
            return None
        spread_s = min(self.cap_s, self.base_s * 2**attempt)
        # Full jitter: many readers of one provider that failed should not come back at once.
        delay_s = random.uniform(0, spread_s) if asked_s is None else asked_s
        return Retry(attempt + 1, round(delay_s, 3), why_failed(message))


def why_failed(message: Message) -> str:
    """The reason, in a sentence."""
    if message.error is not None:
        return message.error.message
    return "The answer broke off before its end."
