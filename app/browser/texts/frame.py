"""What frames the conversation: commands, help, the tab of the browser; and units."""

APP = "Tokenfall"

# Commands: shortcuts, palette, menus.
NEW_CHAT = "New chat"
SETTINGS = "Settings"
PALETTE = "Command palette"
SIDEBAR = "Show or hide the chats"
DETAILS = "Show or hide the details of this chat"
WIRE = "Show what went over the wire"
WRITE = "Go to the message box"
TOAST = "Go to the latest short message"
MODEL = "Choose a model"
PRINT = "Print this chat"
HELP = "Keyboard shortcuts"
ALLOW_TOOL = "Let the waiting tool run once"
DENY_TOOL = "Deny the waiting tool"

# Help: keys that are no commands.
WRITING_KEYS = (
    ("Send the message", "Enter"),
    ("New line", "Shift+Enter"),
    ("Stop the answer, or close what is open", "Esc"),
)

# A newer version of the page.
NEW_VERSION = "A new version of Tokenfall is here."
RELOAD = "Reload"

# Below the message box.
OFFLINE = "This computer is offline. The Demo answers, and models on this computer."

# The title of the browser's tab, by what goes on.
PROGRESS = {"writing": "Writing…", "waiting": "Waits for you", "ready": "Answer ready"}

# Scrolling.
JUMP = "Jump to latest"


def size(count_bytes: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count_bytes < 1000:
            return f"{count_bytes:.0f} {unit}" if unit == "bytes" else f"{count_bytes:.1f} {unit}"
        count_bytes /= 1000
    return f"{count_bytes:.1f} GB"
