"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""


def show_all(characters: int) -> str:
    return f"Show all {characters:,} characters"


UNTITLED = "Untitled chat"
NO_ARGUMENTS = "It gets no arguments."
OPEN_LINK = "Open it"
UNTIL_SHOWN = "Show all of it first: then it can be allowed."


def asked_in(title: str) -> str:
    return f"In the chat “{title}”."


def questions_wait(count: int) -> str:
    return "Waits for your answer" if count == 1 else f"{count} questions wait for your answer"


def more_questions(count: int) -> str:
    return f"{count:,} more come after these."


def extent(characters: int, lines: int) -> str:
    """The amount of text to read."""
    return f"{characters:,} characters in {lines:,} lines"


def begins(shown: int, characters: int) -> str:
    if not shown:
        return f"{characters:,} characters."
    return f"This is the beginning: {shown:,} of {characters:,} characters."
