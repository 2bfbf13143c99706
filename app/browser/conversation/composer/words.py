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
ATTACH = "Attach images, documents or text files"
ATTACH_ANY = "Attach files"
SEEN = {
    "summary": "The model sees: a summary",
    "all": "The model sees: all of it",
    "name": "The model sees: only its name",
    "source": "The model sees: its source",
}
# Of a document, where a summary is its beginning.
PARTS_SEEN = "The model sees: what it looks up"
PASTED_AS_FILE = "The long text you pasted became a file."


def pasted_name(number: int) -> str:
    return "Pasted text.txt" if number == 1 else f"Pasted text {number}.txt"


def drop(*, is_any: bool) -> str:
    return "Drop files here" if is_any else "Drop images, documents or text files here"


def reading(number: int, total: int) -> str:
    """Say how far a document is read."""
    if not number:
        return "Reading…"
    return f"Reading, {number:,} of {total:,}" if total else f"Reading, {number:,} places"


def read_in_part(name: str, places: int) -> str:
    return f"{name} is long: only its first {places:,} places were read."


def without_text(empty: int, count: int) -> str:
    return f"{empty:,} of its {count:,} pages hold no text that can be read."


def pages_as_pictures(name: str, pictures: int, pages: int) -> str:
    which = "its pages" if pictures >= pages else f"{pictures:,} of its {pages:,} pages"
    return f"{name} holds no text (a scan): {which} go along as pictures."


# How scans are packed that nothing here unpacks, as documents/problems has them.
SCANS = ("CCITT", "JBIG2", "JPEG 2000")

# Why a document gives no text: documents/problems, and what may happen to who reads it.
_NO_TEXT = {
    "whole": "{} holds no text.",
    "pictures": "{} holds no text, perhaps only pictures of its pages (a scan).",
    "encrypted": "{} is locked with a password. Save a copy without one, and attach that.",
    "aes": (
        "{} is locked with a cipher (AES) that can't be opened here, even where it asks for no "
        "password. Print it into a new PDF, and attach that."
    ),
    "damaged": "{} is damaged: it cannot be read. Open it where it came from and save it anew.",
    "old": "{} is an old Office document. Save it as .docx, .xlsx or .pptx, and attach that.",
    "too large": "{} unpacks to more than can be read here.",
    "unknown": "{} is no document that can be read here.",
    "not started": "{} could not be read: what reads documents did not start. The first use in a "
    "browser needs the network.",
    **{
        packing: (
            f"{{}} holds no text: it is a scan, with pages packed as {packing}, which can't be "
            "shown here. Save its pages as PNG or JPEG, and attach those."
        )
        for packing in SCANS
    },
}


def no_text(name: str, why: str) -> str:
    told = _NO_TEXT.get(why, "{} could not be read: it took too long, or broke what reads it.")
    return told.format(name)


def too_long_for_the_model(name: str) -> str:
    return f"{name} is too long for this model to read whole: it looks things up there."


def sees_of(name: str) -> str:
    return f"What the model sees of {name}"


def seen(how: str, *, is_document: bool) -> str:
    return PARTS_SEEN if is_document and how == "summary" else SEEN[how]


def model_sees(name: str, sees: str) -> str:
    return f"{name}: {sees}"


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
        f"{name} is {what}. Images can be PNG, JPEG, WebP or GIF; other files text or documents "
        "(PDF, Word, Excel, PowerPoint, OpenDocument, EPUB). "
        "With “Run Python” among the tools, any file can be attached."
    )


def not_text(name: str) -> str:
    return f"{name} is neither a text file nor an image that can be sent."


def not_read(name: str) -> str:
    return f"{name} could not be read. Folders cannot be attached."


def more_problems(count: int) -> str:
    files = "1 more file" if count == 1 else f"{count} more files"
    return f"{files} could not be read, or not whole."


def broken_image(name: str) -> str:
    return f"{name} is damaged, or not an image that this browser can show."


def too_many(limit: int) -> str:
    return f"A message can have at most {limit} files."


PREPARING_MODEL = "Preparing the built-in model"
