"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

import math
from mimetypes import guess_extension

from ...web.words import size

# Read out in place of a block of code.
CODE_FOLLOWS = "A block of code."

# As the switch has them: both of a comparison.
MODES = ("Streaming", "Sync")
THINKING = "Thinking…"
REASONING = "Reasoning"
EDITED_BY_YOU = "Edited by you"
EDITED_ELSEWHERE = "Edited by a person"
COMPARED = "Both are kept as versions of this answer: ‹ and › below it show them."
BEGAN_ANEW = "The answer began anew."
SEND_THEN = "Send then"
DO_NOT_SEND_THEN = "Don’t send then"
TOOL_CALLS = "Tool calls"
UNNAMED_TOOL = "(unnamed)"


def thought_for(duration: str) -> str:
    return f"Thought for {duration}"


def waiting_for(is_sync: bool, waited_s: int) -> str:
    what = "the whole answer" if is_sync else "the first token"
    return f"Waiting for {what}, {waited_s} s" if waited_s else f"Waiting for {what}"


def alive(speaker: str, progress: float | None, waited_s: int) -> str:
    """The line where signs of life come and no words: how much of the question was read."""
    if progress is not None and progress < 1:
        return f"Reading your prompt, {progress:.0%}".replace("%", " %")
    return f"{speaker} is still working, {waited_s} s"


def retrying(reason: str, left_s: float, attempt: int, model: str) -> str:
    whom = f" with {model}" if model else ""
    when = f" in {math.ceil(left_s)} s" if left_s > 0 else ""
    return f"{sentence(reason)} Trying again{whom}{when} (attempt {attempt + 1})."


def sentence(words: str) -> str:
    """End a text with a full stop, where a provider's words have no end of their own."""
    words = words.strip()
    return words if not words or words[-1] in ".!?…。！？" else f"{words}."


def asks_to_wait(left: str, until: str) -> str:
    """The sentence for a wait; `until` is a time of day, "" where it is soon."""
    return f"The provider asks you to wait {left} more{f', until {until}' if until else ''}."


def sent_then(until: str) -> str:
    return f"It is sent again at {until}, if this chat stays open here."


def warnings(count: int) -> str:
    return "1 note about this answer" if count == 1 else f"{count} notes about this answer"


OUTPUT = "Output"
FIGURE = "Figure"
INDEX = "index"
UNNAMED_COLUMN = "(unnamed)"
COPIED_TABLE = "Copied as CSV."


def beginning_of_code(characters: int) -> str:
    return f"The first {characters:,} characters are shown. The whole is in “Arguments”."


def omitted(characters: int) -> str:
    return f"{characters:,} characters are left out here."


def failed_in(line: int | None) -> str:
    return f"It failed in line {line}" if line else "It failed"


def table_extent(label: str, rows: int, columns: int) -> str:
    row, column = "row" if rows == 1 else "rows", "column" if columns == 1 else "columns"
    return f"{label}: {rows:,} {row}, {columns:,} {column}."


def first_rows(count: int) -> str:
    return f"The first {count:,} rows came."


def more_rows(count: int, rest: int) -> str:
    return f"Show {count} more rows of {rest:,}"


TOOL_STATES = {
    "writing": "Writing the call",
    "queued": "Waits for its turn",
    "waiting": "Waiting for your approval",
    "running": "Running",
    "done": "Done",
    "error": "Failed",
    "denied": "Denied",
    "stopped": "Stopped",
    "not-run": "Not run",
    "provider": "Run by the provider",
}


def left_out(count: int) -> str:
    more = "1 tool call or file" if count == 1 else f"{count:,} tool calls or files"
    return f"Not shown: {more} more. All are kept, and exported with the chat."


def image(number: int) -> str:
    return f"Image {number}"


def not_here(name: str, *, is_image: bool) -> str:
    """The label of a file that is not kept, by its `name`: it was lost, or not in the import."""
    return f"{'Image' if is_image else 'File'} not here{': ' if name else ''}{name}"


def unnamed_file(number: int, mime_type: str) -> str:
    """The name under which a file without one is saved."""
    return f"file-{number}{guess_extension(mime_type) or ''}"


def unnamed_picture(mime_type: str) -> str:
    """The name under which a picture of a cell is saved."""
    return f"figure{guess_extension(mime_type) or ''}"


SAVE = "Save"


def named(name: str, count_bytes: int) -> str:
    """A file that came whole, and what it takes."""
    return f"{name}, {size(count_bytes)}"


def show_image_from(host: str) -> str:
    return f"Show image from {host}"


def not_shown_from(label: str, host: str) -> str:
    return f"{label} (Not shown: {host} is this computer or in its network.)"


def enlarge(name: str) -> str:
    return f"{name}, show larger"


def send_without(option: str) -> str:
    return f"Send without {_OPTIONS.get(option, option)}"


_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top-p",
    "max_tokens": "max tokens",
    "stop": "stop words",
    "seed": "a seed",
    "reasoning_effort": "reasoning effort",
    "verbosity": "verbosity",
    "service_tier": "a service tier",
    "tools": "tools",
    "images": "the images",
}
