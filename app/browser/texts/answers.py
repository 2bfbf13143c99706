"""Questions and answers, what tools do in them, and what went over the wire."""

import math

# --- answers ---------------------------------------------------------------------------------

# What the model reads where a person presses Continue.
GO_ON = (
    "Your last answer was cut off. Go on exactly where it stopped, in the same language and "
    "format. Repeat nothing, and say nothing about the interruption."
)
# Read out in place of a block of code.
CODE_FOLLOWS = "A block of code."
WENT_ON = "Continued here"
DEMO = "Demo"
# As the switch has them: both of a comparison.
MODES = ("Streaming", "Sync")
DEMO_FAILURE = "The Demo plays this failure, to show how one looks. Retry plays it again."
GENERATING = "Generating"
THINKING = "Thinking…"
REASONING = "Reasoning"
COPY = "Copy"
COPIED = "Copied"
COPY_FORBIDDEN = "Copying is not allowed here"
RAW = "Show as plain text"
COMPARE = "Compare streaming and sync"
COMPARED = "Both are kept as versions of this answer: ‹ and › below it show them."
ANOTHER_MODEL = "Regenerate with another model…"
REGENERATE_WITH = "Regenerate with…"
COPY_LAST_CODE = "Copy the last code block"
CODE_COPIED = "Code copied."
ON_ITS_WAY = "Answering"
WAITS_FOR_YOU = "Waits for your approval"
SHOW_WIRE = "Show what went over the wire"
FORK = "New chat from here"
FORKED = "This is a new chat with everything up to that message."
DELETE_QUESTION = "Delete this question and what follows"
DELETE_ANSWER = "Delete this answer and what follows"
UNDO = "Undo"
BEGAN_ANEW = "The answer began anew."
TOOL_CALLS = "Tool calls"
UNNAMED_TOOL = "(unnamed)"
NO_RESULT = "(nothing)"


def answer_complete(words: int) -> str:
    return f"Answer complete, {words} words"


def regenerate_with(model: str) -> str:
    return f"Regenerate with {model}"


def deleted(count: int) -> str:
    """`count` questions and answers, as a person sees them."""
    return "Message deleted." if count == 1 else f"{count} messages deleted."


def thought_for(duration: str) -> str:
    return f"Thought for {duration}"


def waiting_for(is_sync: bool, waited_s: int) -> str:
    what = "the whole answer" if is_sync else "the first token"
    return f"Waiting for {what}, {waited_s} s" if waited_s else f"Waiting for {what}"


def retrying(reason: str, left_s: float, attempt: int, model: str) -> str:
    whom = f" with {model}" if model else ""
    when = f" in {math.ceil(left_s)} s" if left_s > 0 else ""
    return f"{sentence(reason)} Trying again{whom}{when} (attempt {attempt + 1})."


def sentence(words: str) -> str:
    """With a full stop, where a provider's words have no end of their own."""
    words = words.strip()
    return words if not words or words[-1] in ".!?…。！？" else f"{words}."


def asks_to_wait(left: str) -> str:
    return f"The provider asks you to wait {left} more."


def warnings(count: int) -> str:
    return "1 note about this answer" if count == 1 else f"{count} notes about this answer"


def place(number: int, count: int) -> str:
    return f"{number}/{count}"


def place_spoken(what: str, number: int, count: int) -> str:
    return f"{what} {number} of {count}"


# Images from elsewhere, which a person asked for.
IMAGE_LOADING = "Loading the image…"
IMAGE_FAILED = "The image cannot be loaded into this page."
OPEN_IMAGE = "Open it in a new tab"

# --- tools -----------------------------------------------------------------------------------

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


def show_all(characters: int) -> str:
    return f"Show all {characters:,} characters"


# --- the queue of questions ------------------------------------------------------------------

QUEUED = "Waits for the answer above."
QUEUE_PAUSED = "Paused, because the last answer did not finish."


# --- the wire --------------------------------------------------------------------------------

NOTHING_RECORDED = (
    "Nothing was recorded for this answer: it is from an earlier visit, or from another tab."
)
WENT_THROUGH_SERVER = "In the page it went through this page's server."
END_OF_STREAM = "(end of the answer)"
RECORDING_NAME = "answer.recording.ndjson"


def request_title(number: int) -> str:
    return f"Request {number}"


def exchange_state(status: int | None, end: str, error: str) -> str:
    ends = {"running": "on its way", "end": "", "error": "broke off", "aborted": "stopped"}
    known = [str(status) if status is not None else "", ends.get(end, end), error]
    return " · ".join(one for one in known if one)


def exchange_totals(records: int, size_bytes: int, longest_gap: str, total: str) -> str:
    known = [f"{records:,} records", f"{size_bytes:,} bytes", f"longest gap {longest_gap}"]
    return " · ".join([*known, f"total {total}"] if total else known)


def more_rows(count: int) -> str:
    return f"Show more ({count:,} left)"
