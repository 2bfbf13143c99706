"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

STARTING_TOOLS = "Starting Python for your tools…"
RUNNING_SOURCE = "Running it…"
NOT_SAVED = "not saved"
SAVE_NEEDS_TOOLS = "It can be saved when it runs. What you typed is kept as a draft."
NO_ROOM_FOR_TOOLS = (
    "This browser has no room to keep it, so it lasts until this tab is closed or reloaded. "
    "Download the file."
)
NO_ROOM_FOR_DRAFT = (
    "This browser has no room left: what you type is gone after a reload. Download the file."
)
NO_FUNCTION = "There is no tool in it yet: define a function whose name does not begin with _."
NO_FILE_NAME = "Give the file a name of letters or digits."
NOT_A_PYTHON_FILE = "This is not a text file with Python in it."
TOO_LONG_A_FILE = "This file is too long for the editor."
LEAVES_FIELD = "Tab leaves the field now."
TAB_HINT = "Tab indents. Esc, then Tab leaves the field."
CLOSE_UNSAVED = "Close without saving?"
CLOSE_ANYWAY = "Close"
COPY_LINK = "Copy a link with this file"
DOWNLOAD = "Download"
REVERT = "Back to the saved version"
REVERTED = "Back to the saved version."
DELETE_FILE = "Delete"
REQUIRED = "required"
KNOWN_LATER = "known when it has run"
TOOLS_KNOWN_LATER = "Which tools it has is known when it runs, with Save."
TRY_STOPPED = "Stopped."
TRY_NEEDS_TOOL = "Not called: it does not run, or has no such tool."
WAITING_FOR_TOOL = "Running…"
UNTITLED_FILE = "my_tools.py"


def file_unsaved(name: str) -> str:
    return f"{name}, {NOT_SAVED}"


def close_unsaved(names: list[str]) -> str:
    those = " and ".join(names)
    they = "they stay here as drafts" if len(names) > 1 else "it stays here as a draft"
    return f"{those} changed: {they}, and models use what was saved."


def file_saved(names: list[str], *, takes_tools: bool) -> str:
    if not names:
        return "Saved."
    listed = ", ".join(names)
    if takes_tools:
        return f"Saved. On in this chat: {listed}."
    return f"Saved: {listed}. What answers in this chat takes no tools; choose a model that does."


def file_deleted(name: str) -> str:
    return f"{name} deleted."


def file_name_taken(name: str) -> str:
    return f"There is another file called {name}. Choose another name."


def tool_twice(tool: str) -> str:
    return f"Two tools of this file are called {tool}. Rename one of them."


def tool_is_the_pages(tool: str) -> str:
    return f"The page has a tool called {tool} already. Rename yours."


def tool_in_file(tool: str, file: str) -> str:
    return f"{file} has a tool called {tool} already. Rename one of them."


def tools_found(names: list[str]) -> str:
    if len(names) == 1:
        return f"It runs. 1 tool: {names[0]}."
    return f"It runs. {len(names)} tools: {', '.join(names)}."


def tools_read(names: list[str], *, is_sure: bool) -> str:
    count = "1 tool" if len(names) == 1 else f"{len(names)} tools"
    later = "" if is_sure else " Some of what they take is known only then."
    return f"{count}: {', '.join(names)}. Not run yet: it runs when you try or save it.{later}"


def go_to_line(number: int) -> str:
    return f"Line {number}"


def needs_value(name: str) -> str:
    return f"{name} needs a value."


def not_a_number(name: str) -> str:
    return f"{name} should be a number."


def not_json_of(name: str) -> str:
    return f'{name} should be JSON, such as [1, 2] or {{"name": "Ada"}}.'


def default_value(value: str) -> str:
    return f"Default: {value}"


def tried(took: str, is_error: bool) -> str:
    return f"Failed after {took}" if is_error else f"Done in {took}"
