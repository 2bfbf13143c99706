"""What a person is asked for a yes, above the message box."""

# --- tools -----------------------------------------------------------------------------------

ALLOW_A_TOOL = "Allow this tool to run?"
ALLOW_ONCE = "Allow once"
ALLOW_IN_CHAT = "Allow in this chat"
ALLOW_ALWAYS = "Always allow"
DENY = "Deny"
ARGUMENTS = "Arguments"
NO_ARGUMENTS = "It gets no arguments."

# --- links -----------------------------------------------------------------------------------

OPEN_ANOTHER_HOST = "Open this link? It leads to another host than its words name."
OPEN_LINK = "Open it"
STAY_HERE = "Stay here"
WORDS_NAME = "Its words name"
LEADS_TO = "It leads to"

# --- all questions ---------------------------------------------------------------------------

UNTIL_SHOWN = "Show all of it first: then it can be allowed."


def wants_to_run(tool: str) -> str:
    return (
        f"{tool} waits for your approval to run. "
        "Ctrl+Alt+Enter allows it once, Ctrl+Alt+Backspace denies it."
    )


def asked_in(title: str) -> str:
    return f"In the chat “{title}”."


def questions_wait(count: int) -> str:
    return "Waits for your answer" if count == 1 else f"{count} questions wait for your answer"


def more_questions(count: int) -> str:
    return f"{count:,} more come after these."


def extent(characters: int, lines: int) -> str:
    """How much there is to read."""
    return f"{characters:,} characters in {lines:,} lines"


def begins(shown: int, characters: int) -> str:
    if not shown:
        return f"{characters:,} characters."
    return f"This is the beginning: {shown:,} of {characters:,} characters."
