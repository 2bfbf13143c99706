"""The message box: files, and the menu of tools."""

from collections.abc import Sequence

from .frame import size

# --- files -----------------------------------------------------------------------------------


def image(number: int) -> str:
    return f"Image {number}"


def show_image_from(host: str) -> str:
    return f"Show image from {host}"


def not_shown_from(label: str, host: str) -> str:
    return f"{label} (Not shown: {host} is this computer or in its network.)"


def file(mime_type: str) -> str:
    return f"File ({mime_type})" if mime_type else "File"


REMOVE = "Remove"
AS_TEXT = "Insert as text"
PASTED_AS_FILE = "The long text you pasted became a file."
SEND_BY_ENTER = "Enter sends, Shift+Enter makes a new line."
ESC_STOPS = "Esc stops the answer."
SEND_BY_CONTROL = "Ctrl+Enter sends, Enter makes a new line."
STILL_READING = "A file is still being read. Send again in a moment."


def pasted_name(number: int) -> str:
    return "Pasted text.txt" if number == 1 else f"Pasted text {number}.txt"


def enlarge(name: str) -> str:
    return f"{name}, show larger"


def attached(names: Sequence[str]) -> str:
    return f"Attached: {', '.join(names)}"


def removed(name: str) -> str:
    return f"Removed: {name}"


def too_large(name: str, size_bytes: int, limit_bytes: int) -> str:
    return f"{name} is too large: {size(size_bytes)}, and {size(limit_bytes)} is the limit."


def wrong_kind(name: str, mime_type: str) -> str:
    return f"{name} is {mime_type}. Images can be PNG, JPEG, WebP or GIF; other files only text."


def not_text(name: str) -> str:
    return f"{name} is neither a text file nor an image that can be sent."


def not_read(name: str) -> str:
    return f"{name} could not be read. Folders cannot be attached."


def broken_image(name: str) -> str:
    return f"{name} is damaged, or not an image that this browser can show."


def too_many(limit: int) -> str:
    return f"A message can have at most {limit} files."


# --- the menu of tools -----------------------------------------------------------------------

_TOOL_LABELS = {
    "current_time": "Tell the time",
    "calculate": "Calculate",
    "convert_units": "Convert units",
    "roll_dice": "Roll dice",
}


# Suggested in an empty chat: what needs a tool, and what stands there for a model without tools.
EXAMPLE_OF_TOOL = "What time is it?"
EXAMPLE_FOR_ALL = "Write a thank-you note to a neighbour"
NO_TOOLS = "Tools: this model is too small for them"

OFFERED = "Offered in this chat, and in new ones"


def turns_on(tool: str) -> str:
    return f"Turns on the tool “{tool}” in this chat"


def tools_on(count: int) -> str:
    return f"Tools: {count} on" if count else "Tools: all off"


def tool_label(name: str) -> str:
    return _TOOL_LABELS.get(name, name)


def ask_before(name: str) -> str:
    return f"Ask before: {tool_label(name)}"
