"""Results for tool calls that nobody answered: they tell the model how far each call came."""

from collections import Counter
from collections.abc import Iterable, Sequence

from .messages import ToolCall, ToolResult

NOT_RUN = "This tool was not run."

# It was told to end; what runs in a thread goes on all the same.
STOPPED = "This tool was stopped while it ran. It may have done some of its work."

# Where only the beginning is known: the page was closed, or the connection to its runner broke.
LOST = "This tool was running when the answer broke off. It may have done its work."


def unanswered(
    calls: Sequence[ToolCall], results: Iterable[ToolResult], begun: Iterable[str]
) -> list[ToolResult]:
    """A result for each call that has none; `begun` are the ids of those whose tool had begun.

    Ids may be there more than once, each time for one call.
    """
    answered = Counter(result.call_id for result in results)
    running = Counter(begun)
    running.subtract(answered)
    missing = []
    for call in calls:
        if answered[call.id] > 0:
            answered[call.id] -= 1
            continue
        running[call.id] -= 1
        words = LOST if running[call.id] >= 0 else NOT_RUN
        missing.append(ToolResult(call.id, words, call.name, is_error=True))
    return missing
