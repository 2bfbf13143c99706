"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

from collections.abc import Sequence

from ...web import words as web_words
from .text_encodings import ENCODINGS

QUEUED = "Waits for the answer above."
QUEUE_PAUSED = "Paused, because the last answer did not finish."
REMOVE = "Remove"
AS_TEXT = "Insert as text"
READ_AS = "Read as"
ATTACH = "Attach images or text files"
ATTACH_ANY = "Attach files"
SEEN = {
    "summary": "The model sees: a summary",
    "all": "The model sees: all of it",
    "name": "The model sees: only its name",
}
PASTED_AS_FILE = "The long text you pasted became a file."


def pasted_name(number: int) -> str:
    return "Pasted text.txt" if number == 1 else f"Pasted text {number}.txt"


def drop(*, is_any: bool) -> str:
    return "Drop files here" if is_any else "Drop images or text files here"


def sees_of(name: str) -> str:
    return f"What the model sees of {name}"


def model_sees(name: str, seen: str) -> str:
    return f"{name}: {SEEN[seen]}"


def attached(names: Sequence[str]) -> str:
    return f"Attached: {', '.join(names)}"


def read_as(name: str, encoding: str) -> str:
    return f"{name} (read as {ENCODINGS[encoding]})"


def encoding_of(name: str) -> str:
    return f"Encoding of {name}"


def removed(name: str) -> str:
    return f"Removed: {name}"


def too_large(name: str, size_bytes: int, limit_bytes: int) -> str:
    size, limit = web_words.size(size_bytes), web_words.size(limit_bytes)
    return f"{name} is too large: {size}, and {limit} is the limit."


def wrong_kind(name: str, what: str) -> str:
    return (
        f"{name} is {what}. Images can be PNG, JPEG, WebP or GIF; other files only text. "
        "With “Run Python” among the tools, any file can be attached."
    )


def not_text(name: str) -> str:
    return f"{name} is neither a text file nor an image that can be sent."


def not_read(name: str) -> str:
    return f"{name} could not be read. Folders cannot be attached."


def broken_image(name: str) -> str:
    return f"{name} is damaged, or not an image that this browser can show."


def too_many(limit: int) -> str:
    return f"A message can have at most {limit} files."


PREPARING_MODEL = "Preparing the built-in model"
