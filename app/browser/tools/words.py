"""What Python says in this room. What stands in the page from the start is in its HTML. Pure."""

from ..web import words as web_words

NO_TOOLS = "Tools: this model is too small for them"
OFFERED = "Offered in this chat, and in new ones"


def tools_on(count: int) -> str:
    return f"Tools: {count} on" if count else "Tools: all off"


def ask_before(name: str) -> str:
    return f"Ask before: {web_words.tool_label(name)}"


def run_by(provider: str) -> str:
    return f"Run by {provider}: what is asked goes there"


PROVIDER_TOOLS = {"web_search": "Search the web", "code_execution": "Run code"}

YOURS = "Yours"
WRITE_YOUR_OWN = "Write your own…"
