"""What Python says in the page, in one place. What stands in the page from the start is in
index.html. Constants by the part of the page that says them; a small function where words depend
on a number. Pure.
"""

APP = "Tokenfall"

# Commands: shortcuts, palette, menus.
NEW_CHAT = "New chat"
SETTINGS = "Settings"
PALETTE = "Command palette"
SIDEBAR = "Show or hide the chats"
DETAILS = "Show or hide the details of this chat"
WIRE = "Show what went over the wire"
WRITE = "Go to the message box"
MODEL = "Choose a model"
PRINT = "Print this chat"
HELP = "Keyboard shortcuts"

# Help: keys that are no commands.
WRITING_KEYS = (
    ("Send the message", "Enter"),
    ("New line", "Shift+Enter"),
    ("Stop the answer, or close what is open", "Esc"),
)

# The title of the browser's tab, by what goes on.
PROGRESS = {"writing": "Writing…", "ready": "Answer ready"}

# Scrolling.
JUMP = "Jump to latest"
