"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

from collections.abc import Sequence

INSTRUCTIONS = "System prompt"
TEMPERATURE = "Temperature"
TOP_P = "Top-p"
MAX_TOKENS = "Max tokens"
WINDOW = "Context window"
EFFORT = "Reasoning effort"
STOP_WORDS = "Stop words"
EXTRA = "Extra JSON"

# Beside a field: how the chosen model takes it.
REFUSED = "This model has refused it, so it is left out."
SENT_ANYWAY = "It is sent all the same."

# What was typed does not fit.
NOT_AN_OBJECT = 'Extra JSON should be an object, such as {"seed": 7}.'


def not_in_range(label: str, lowest: float, highest: float) -> str:
    limit = f"from {lowest:g} to {highest:g}" if highest < 1e9 else f"from {lowest:g}"
    return f"{label} should be a number {limit}."


def not_one_of(label: str, known: Sequence[str]) -> str:
    return f"{label} should be one of: {', '.join(known)}."


TOO_DEEP = "it nests too deep"


def not_json(reason: str) -> str:
    return f"This is not JSON yet: {reason}."


# What a chat from a file brings.
SYSTEM_MESSAGES = "Messages of the system"
BROUGHT_TOOLS = "Tools it may call"
BRINGS_NO_TOOLS = "None"
BROUGHT_MODEL = "Model"
OTHER_SETTINGS = "Other settings"
STREAMS = "Answers stream"
DOES_NOT_STREAM = "Answers come whole"
ON_SERVER = "Answers are given by this page's server"
NOT_ON_SERVER = "Answers are given in the tab"
PROVIDER_DATA = "Data for providers"


def in_chats(count: int) -> str:
    return "In 1 chat:" if count == 1 else f"In {count} chats:"


def gets_back(count: int) -> str:
    """`count` answers hold what only their provider can read."""
    answers = "1 answer holds" if count == 1 else f"{count:,} answers hold"
    return f"{answers} data that the provider would get back, such as signatures of its reasoning."
