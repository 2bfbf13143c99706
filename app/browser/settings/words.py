"""What Python says in this room. What stands in the page from the start is in its HTML. Pure."""

from collections.abc import Sequence

INSTRUCTIONS = "System prompt"
TEMPERATURE = "Temperature"
TOP_P = "Top-p"
MAX_TOKENS = "Max tokens"
WINDOW = "Context window"
EFFORT = "Reasoning effort"
STOP_WORDS = "Stop words"
EXTRA = "Extra JSON"
NOT_AN_OBJECT = 'Extra JSON should be an object, such as {"seed": 7}.'


def not_in_range(label: str, lowest: float, highest: float) -> str:
    limit = f"from {lowest:g} to {highest:g}" if highest < 1e9 else f"from {lowest:g}"
    return f"{label} should be a number {limit}."


def not_one_of(label: str, known: Sequence[str]) -> str:
    return f"{label} should be one of: {', '.join(known)}."


def not_json(reason: str) -> str:
    return f"This is not JSON yet: {reason}."
