"""Parts of requests that nobody asked for, and that models have refused.

Tables age, and some things depend on the account: OpenAI shows thoughts to verified organizations
only (https://github.com/home-assistant/core/issues/160212). Nobody should meet an error for what
they did not set, so from the first refusal on it is left out: for that model, and as long as the
program runs.
"""

import re
from collections import defaultdict

import msgspec

from ..core.errors import ErrorInfo
from .refusals import says_no

# By our names: what a refusal calls it.
_WORDS = {
    "thoughts": r"reasoning.summar|include_?thoughts|thinking(?![. _]?(blocks?|budget))",
    "cache": r"prompt_cache_key|cache_control",
    "usage": r"stream_options|include_usage",
    "progress": r"return_progress",
}
_STATUSES = (400, 403, 422)

_refused: defaultdict[tuple[str, str], set[str]] = defaultdict(set)


def refused(base_url: str, model: str) -> frozenset[str]:
    """Give our names of the parts that this model, asked at this address, has refused so far."""
    return frozenset(_refused.get((base_url, model), ()))


def note_refusal(base_url: str, model: str, error: ErrorInfo) -> bool:
    """Note the parts that an error refuses. Return whether any of them is new."""
    if error.status not in _STATUSES or not says_no(error):
        return False
    said = f"{error.message} {msgspec.json.encode(error.raw).decode()}"
    known = refused(base_url, model)
    found = {name for name, words in _WORDS.items() if re.search(words, said, re.IGNORECASE)}
    if found <= known:
        return False
    _refused[base_url, model] |= found
    return True
