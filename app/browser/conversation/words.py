"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

from ..consent import words as consent_words

# What the model reads where a person presses Continue.
GO_ON = (
    "Your last answer was cut off. Go on exactly where it stopped, in the same language and "
    "format. Repeat nothing, and say nothing about the interruption."
)
QUOTE = "Quote the selection"
EARLIER_QUESTION = "Go to the previous question"
LATER_QUESTION = "Go to the next question"
OUTLINE = "Show the outline of this chat"
DEMO_FAILURE = "The Demo plays this failure, to show how one looks. Retry plays it again."
# What a model can't take -> what happened, what to do, whether that is done in Settings.
UNABLE = {
    "tools": (
        "This model takes no tools.",
        "Turn them off in the menu of tools, or choose another model.",
        False,
    ),
    "images": (
        "This model reads no images.",
        "Choose another model, or send them by name alone.",
        False,
    ),
}
GENERATING = "Generating"
COPY = "Copy"
RAW = "Show as plain text"
EDIT_ANSWER = "Edit this answer"
GO_ON_FROM_HERE = "Have the model go on from here"
# Told by the system.
ANSWER_READY = "Your answer is ready"
ANSWER_FAILED = "Your answer did not finish"
ANSWER_WAITS = "An answer waits for your yes"
NOTIFY_QUESTION = "Shall the system tell you when an answer is done in a tab that you don't see?"
NOTIFY_ME = "Tell me"
NOTIFICATIONS_FORBIDDEN = "This browser does not allow it. Its settings for this page can."
COMPARE = "Compare streaming and sync"
ANOTHER_MODEL = "Regenerate with another model…"
REGENERATE_WITH = "Regenerate with…"
SHOW_WIRE = "Show what went over the wire"
FORK = "New chat from here"
FORKED = "This is a new chat with everything up to that message."
DELETE_QUESTION = "Delete this question and what follows"
DELETE_ANSWER = "Delete this answer and what follows"


NO_SUCH_PLACE = "This chat has no such document, or no such place in it."
NO_TEXT_HERE = "(no text)"


def line_of(place: str, line: int) -> str:
    return f"{place}, line {line}"


# What the model is told of a question's files, before their names.
IN_THE_FOLDER = "In the working folder of run_python"
LOOKED_UP = "All of it can be looked up by search_files and read_file"


def answer_complete(words: int) -> str:
    return f"Answer complete, {words} words"


def regenerate_with(model: str) -> str:
    return f"Regenerate with {model}"


def deleted(count: int, *, on_server: bool) -> str:
    """The message after `count` questions and answers were deleted, as a person counts them.
    `on_server`: the server of this page keeps some of them, and deletes those too.
    """
    there = ", on the server too" if on_server else ""
    return f"Message deleted{there}." if count == 1 else f"{count} messages deleted{there}."


def place(number: int, count: int) -> str:
    return f"{number}/{count}"


def place_spoken(what: str, number: int, count: int) -> str:
    return f"{what} {number} of {count}"


def more_rows(count: int) -> str:
    return f"Show more ({count:,} left)"


def more_of_outline(count: int) -> str:
    return f"Not shown: {count:,} more."


ELSEWHERE = "This answer is being written in another tab."
ON_SERVER = "This answer is being written on the server."


def fork_of(title: str) -> str:
    return f"{title.removesuffix(' (copy)') or consent_words.UNTITLED} (copy)"


def file(mime_type: str) -> str:
    return f"File ({mime_type})" if mime_type else "File"


ALLOW_A_TOOL = "Allow this tool to run?"
ANSWER_A_QUESTION = "Who answers asks you. Yes?"
QUESTION = "The question"
DETAILS = "Details"
YES = "Yes"
NO = "No"
ALLOW_A_REMOTE_TOOL = "Allow the provider to call this tool elsewhere?"
ALLOW_ONCE = "Allow once"
ALLOW_IN_CHAT = "Allow in this chat"
ALLOW_ALWAYS = "Always allow"
DENY = "Deny"
ARGUMENTS = "Arguments"
CODE = "Code"
OPEN_ANOTHER_HOST = "Open this link? It leads to another host than its words name."
STAY_HERE = "Stay here"
WORDS_NAME = "Its words name"
LEADS_TO = "It leads to"


def wants_to_run(tool: str) -> str:
    return (
        f"{tool} waits for your approval to run. "
        "Ctrl+Alt+Enter allows it once, Ctrl+Alt+Backspace denies it."
    )
