"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

SEND_BY_ENTER = "Enter sends, Shift+Enter makes a new line."
ESC_STOPS = "Esc stops the answer."
SEND_BY_CONTROL = "Ctrl+Enter sends, Enter makes a new line."
STILL_READING = "A file is still being read. Send again in a moment."

# Commands: shortcuts, palette, menus.
SETTINGS = "Settings"
PALETTE = "Command palette"
SIDEBAR = "Show or hide the chats"
DETAILS = "Show or hide the details of this chat"
WIRE = "Show what went over the wire"
WRITE = "Go to the message box"
TOAST = "Go to the latest notification"
MODEL = "Choose a model"
PRINT = "Print this chat"
HELP = "Keyboard shortcuts"
ALLOW_FIRST = "Allow what is asked, once"
DENY_FIRST = "Deny what is asked"
USE_STREAMING = "Switch to streaming"
USE_SYNC = "Switch to sync"
THEMES = {"light": "Light theme", "dark": "Dark theme", "system": "Theme of the system"}
MODE_WORDS = "mode streaming sync"
THEME_WORDS = "mode colours appearance"

# Help: keys that are no commands, and when those of commands count that do not always.
FIXED_KEYS = (
    ("Stop the answer, or close what is open", "Escape"),
    ("Go back to your last question (in the empty message box)", "ArrowUp"),
    ("Go through the chats (in the list)", "ArrowUp ArrowDown"),
    ("Rename the chat (in the list)", "F2"),
    ("Delete the chat (in the list)", "Delete"),
)
ONLY_WHEN = {
    "toast": "while one is shown",
    "allow": "while a question waits for you",
    "deny": "while a question waits for you",
    "rename-chat": "once it has a question",
    "delete-chat": "once it has a question",
}

# A newer version of the page.
NEW_VERSION = "A new version of Tokenfall is here."
RELOAD = "Reload"

# Packages for a chat's Python.
LOAD_PACKAGES = "Load packages into the Python of this chat?"
LOAD = "Load them"
IN_CHAT = "Always in this chat"
LOAD_NOTHING = "Don't load"
PACKAGES = "Packages"
PLACES = "From"
REACH_ADDRESSES = (
    "Let the Python of this chat reach this address? It can send there whatever it holds."
)
REACH = "Allow for this cell"
REACH_NOT = "Don't allow"
ADDRESSES = "Addresses"
LOAD_AND_REACH = (
    "Load packages into the Python of this chat, and let it reach this address? "
    "It can send there whatever it holds."
)
LET_BOTH = "Allow both"

# Below the message box.
PLAIN_HTTP = (
    "Over plain http a browser lets no page copy, notify, or start without a network, and a "
    "stopped Python loses its names. The server's --https brings all of that."
)
OFFLINE = "This computer is offline. The Demo answers, and models on this computer."


def writing_keys(*, by_control: bool) -> tuple[tuple[str, str], ...]:
    """The keys for sending and for a new line, as the person chose."""
    send, line = ("Mod+Enter", "Enter") if by_control else ("Enter", "Shift+Enter")
    return (("Send the message", send), ("New line", line))


def key_label(label: str, only_when: str) -> str:
    return f"{label} ({only_when})" if only_when else label


ADD_A_PROVIDER = "Add a provider"
USE_IT = "Use it"
YOUR_TOOLS = "Your tools"

# Sections of the settings dialog, as the palette lists them.
SECTIONS = {
    "providers": "Settings: providers",
    "answers": "Settings: model defaults",
    "appearance": "Settings: appearance",
    "composer": "Settings: composer and keys",
    "tools": "Settings: tools",
    "data": "Settings: data",
    "privacy": "Settings: privacy",
    "about": "Settings: about",
}


# Cells of the person's own (own_cells).
ASK_FIRST = "Ask something first: the Python belongs to a chat."
CELL_RUNS = "Runs…"
CELL_STOPPED = "Stopped."
# By the status of its end.
CELL_ENDS = {"ok": "Done.", "error": "Failed.", "interrupted": CELL_STOPPED}

# Links that bring something (shared_links).
SHARED_ASKS = {
    "chat": "This link brings a chat. Open it?",
    "prompt": "This link brings a prompt. Keep it among yours?",
    "tools": (
        "This link brings a file of tools in Python. Open it in the editor? Nothing of it runs yet."
    ),
}
SHARED_YES = {"chat": "Open it", "prompt": "Keep it", "tools": "Open in the editor"}
SHARED_NO = "Drop it"
SHARED_NAME = "Name"
SHARED_TEXT = "Text"


def prompt_came(name: str) -> str:
    return f"The prompt “{name}” is among yours now, in the settings of each chat."
