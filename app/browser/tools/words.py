"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

from ..web import words as web_words

# Why a model gets none.
TOO_SMALL = "This model is too small for tools"
AGENT_TAKES_NONE = "What answers here takes no tools of the page"
REFUSES_TOOLS = "This model has refused tools"


def listed_without_tools(provider: str) -> str:
    return f"{provider} lists this model without tools"


KNOWN_WITHOUT_TOOLS = "This model is known to take no tools here"
SEND_TOOLS_ANYWAY = "Send tools anyway"

OFFERED = "Offered in this chat, and in new ones"


def no_tools(why: str) -> str:
    return f"Tools: {why[0].lower()}{why[1:]}"


def tools_on(count: int) -> str:
    return f"Tools: {count} on" if count else "Tools: all off"


def ask_before(name: str) -> str:
    return f"Ask before: {web_words.tool_label(name)}"


def run_by(provider: str) -> str:
    return f"Run by {provider}: what is asked goes there"


PROVIDER_TOOLS = {"web_search": "Search the web", "code_execution": "Run code"}

OF_FILES = "Offered because of this chat's documents"
YOURS = "Yours"
WRITE_YOUR_OWN = "Write your own…"
