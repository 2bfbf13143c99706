"""What Python says in the page, in one place. What stands in the page from the start is in
index.html. Constants by the part of the page that says them; a small function where words depend
on a number. Pure.
"""

from collections.abc import Sequence

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
PROGRESS = {"writing": "Writing…", "ready": "Answer ready"}

# Scrolling.
JUMP = "Jump to latest"


# --- answers -----------------------------------------------------------------------------------

# What the model reads where a person presses Continue.
GO_ON = (
    "Your last answer was cut off. Go on exactly where it stopped, in the same language and "
    "format. Repeat nothing, and say nothing about the interruption."
)
WENT_ON = "Continued here"
DEMO = "Demo"
DEMO_FAILURE = "The Demo plays this failure, to show how one looks. Retry plays it again."
GENERATING = "Generating"
THINKING = "Thinking…"
REASONING = "Reasoning"
COPY = "Copy"
COPIED = "Copied"
COPY_FORBIDDEN = "Copying is not allowed here"
RAW = "Show as plain text"
COMPARE = "Compare streaming and sync"
SHOW_WIRE = "Show what went over the wire"
FORK = "New chat from here"
FORKED = "This is a new chat with all up to that message."
DELETE_QUESTION = "Delete this question and what follows"
DELETE_ANSWER = "Delete this answer and what follows"
UNDO = "Undo"
BEGAN_ANEW = "The answer began anew."
UNNAMED_TOOL = "(unnamed)"
NO_RESULT = "(nothing)"


def answer_complete(words: int) -> str:
    return f"Answer complete, {words} words"


def regenerate_with(model: str) -> str:
    return f"Regenerate with {model}"


def deleted(count: int) -> str:
    return "Message deleted." if count == 1 else f"{count} messages deleted."


def thought_for(duration: str) -> str:
    return f"Thought for {duration}"


def waiting_for(is_sync: bool, waited_s: int) -> str:
    what = "the whole answer" if is_sync else "the first token"
    return f"Waiting for {what}, {waited_s} s" if waited_s else f"Waiting for {what}"


def retrying(reason: str, left_s: float, attempt: int, model: str) -> str:
    whom = f" with {model}" if model else ""
    if left_s <= 0:
        return f"{reason} Trying again{whom} (attempt {attempt + 1})."
    return f"{reason} Trying again{whom} in {left_s:.0f} s (attempt {attempt + 1})."


def asks_to_wait(left: str) -> str:
    return f"The provider asks to wait {left} more."


def warnings(count: int) -> str:
    return "1 note about this answer" if count == 1 else f"{count} notes about this answer"


def place(number: int, count: int) -> str:
    return f"{number}/{count}"


def place_spoken(what: str, number: int, count: int) -> str:
    return f"{what} {number} of {count}"


# --- tools -------------------------------------------------------------------------------------

TOOL_STATES = {
    "writing": "Writing the call",
    "queued": "Waits for its turn",
    "waiting": "Waiting for your leave",
    "running": "Running",
    "done": "Done",
    "error": "Failed",
    "denied": "Denied",
    "not-run": "Not run",
    "provider": "Run by the provider",
}


def wants_to_run(tool: str) -> str:
    return (
        f"{tool} waits for your leave to run. "
        "Ctrl+Alt+Enter allows it once, Ctrl+Alt+Backspace denies it."
    )


def show_all(characters: int) -> str:
    return f"Show all {characters:,} characters"


# --- the queue of questions --------------------------------------------------------------------

QUEUED = "Waits for the answer above."
QUEUE_PAUSED = "Paused, because the last answer did not come to its end."

# --- files -------------------------------------------------------------------------------------


def image(number: int) -> str:
    return f"Image {number}"


def file(mime_type: str) -> str:
    return f"File ({mime_type})" if mime_type else "File"


REMOVE = "Remove"
AS_TEXT = "Insert as text"
PASTED_AS_FILE = "The long text you pasted became a file."
SEND_BY_ENTER = "Enter sends, Shift+Enter makes a new line."
SEND_BY_CONTROL = "Ctrl+Enter sends, Enter makes a new line."
STILL_READING = "A file is still being read. Send again in a moment."


def pasted_name(number: int) -> str:
    return "Pasted text.txt" if number == 1 else f"Pasted text {number}.txt"


def enlarge(name: str) -> str:
    return f"{name}, show larger"


def attached(names: Sequence[str]) -> str:
    return f"Attached: {', '.join(names)}"


def removed(name: str) -> str:
    return f"Removed: {name}"


def too_large(name: str, size_bytes: int, limit_bytes: int) -> str:
    return f"{name} is too large: {size(size_bytes)}, and {size(limit_bytes)} is the limit."


def wrong_kind(name: str, mime_type: str) -> str:
    return f"{name} is {mime_type}. Images can be PNG, JPEG, WebP or GIF; other files only text."


def not_text(name: str) -> str:
    return f"{name} is not a text file, and no image that can be sent."


def not_read(name: str) -> str:
    return f"{name} could not be read. Folders cannot be attached."


def broken_image(name: str) -> str:
    return f"{name} is damaged, or no image that this browser can show."


def too_many(limit: int) -> str:
    return f"No more than {limit} files go along with one message."


# --- the menu of tools -------------------------------------------------------------------------

_TOOL_LABELS = {
    "current_time": "Tell the time",
    "calculate": "Calculate",
    "convert_units": "Convert units",
    "roll_dice": "Roll dice",
}


def tools_on(count: int) -> str:
    return f"Tools: {count} on" if count else "Tools: all off"


def tool_label(name: str) -> str:
    return _TOOL_LABELS.get(name, name)


def ask_before(name: str) -> str:
    return f"Ask before: {tool_label(name)}"


# --- the wire ----------------------------------------------------------------------------------

NOTHING_RECORDED = (
    "Nothing was recorded for this answer: it is from an earlier visit, or from another tab."
)
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


# --- chats -------------------------------------------------------------------------------------

UNTITLED = "Untitled chat"
PINNED = "Pinned"
TEMPORARY_CHAT = "Temporary chat"
RENAME = "Rename"
PIN = "Pin"
UNPIN = "Unpin"
COPY_CHAT = "Copy chat as Markdown"
CHAT_COPIED = "Chat copied as Markdown."
EXPORT_JSON = "Export as JSON"
EXPORT_MARKDOWN = "Export as Markdown"
DELETE_CHAT = "Delete chat"
SEARCH_CHATS = "Search chats"
EARLIER_CHAT = "Next chat in the list"
LATER_CHAT = "Previous chat in the list"
CHOOSE_CHATS = "Select chats"
IMPORT = "Import chats"
DATA = "Chats and storage"
NO_SUCH_CHAT = "This chat is not kept in this browser."
GONE_ELSEWHERE = "This chat was deleted in another tab."
ELSEWHERE = "This answer is being written in another tab."
EXPORTED = "All chats are in the file."
LASTING = "The browser keeps your chats until you delete them."
NOT_LASTING = "The browser may clear your chats when it runs short of space."
NOT_KEPT = "Nothing is kept: your chats last as long as this page."
NO_PROMISE = "The browser did not promise it. Export what you want to be sure of."
DELETE_ALL = "Delete all"
DELETE_ALL_DETAIL = "They are removed from this browser for good. This cannot be undone."

# Why chats are not kept, by what went wrong.
TROUBLES = {
    "full": (
        "The storage of this browser is full. What is new stays on the screen but is not kept. "
        "Export or delete chats to make room."
    ),
    "forbidden": (
        "This browser does not let the page keep anything (a private window, or its settings). "
        "Your chats last as long as this page."
    ),
    "newer": (
        "A newer version of this page has kept chats here. Reload to get it. Until then your "
        "chats last as long as this page."
    ),
    "outdated": "A newer version of this page is open in another tab. Reload this one.",
    "closed": "The browser closed the storage of this page. Reload to go on; export first.",
    "failed": "Something could not be kept. Reload the page; export this chat first.",
}


def options_of(title: str) -> str:
    return f"Options of {title}"


def choose_chat(title: str) -> str:
    return f"Select {title}"


def title_of(title: str) -> str:
    return f"New title of {title}"


def fork_of(title: str) -> str:
    return f"{title.removesuffix(' (copy)') or UNTITLED} (copy)"


def chosen(count: int) -> str:
    return f"{count:,} selected"


def _chats(count: int) -> str:
    return "1 chat" if count == 1 else f"{count:,} chats"


def chats_deleted(count: int) -> str:
    return "Chat deleted." if count == 1 else f"{_chats(count)} deleted."


def imported(count: int) -> str:
    return f"{_chats(count)} imported."


def chats_found(count: int) -> str:
    return f"{_chats(count)} found" if count else "No chat found"


def delete_all(count: int) -> str:
    return f"Delete {'the only chat' if count == 1 else f'all {count:,} chats'}?"


def exporting(done: int, total: int) -> str:
    return f"Reading chat {done:,} of {total:,}…"


def used(used_bytes: int, quota_bytes: int) -> str:
    """How much room is taken, in words: `3.2 MB, 0.1 % of 2.1 GB`."""
    if not quota_bytes:
        return "The browser does not say"
    return f"{size(used_bytes)}, {100 * used_bytes / quota_bytes:.1f} % of {size(quota_bytes)}"


def size(count_bytes: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count_bytes < 1000:
            return f"{count_bytes:.0f} {unit}" if unit == "bytes" else f"{count_bytes:.1f} {unit}"
        count_bytes /= 1000
    return f"{count_bytes:.1f} GB"


# --- what is set for answers -------------------------------------------------------------------

INSTRUCTIONS = "System prompt"
TEMPERATURE = "Temperature"
TOP_P = "Top-p"
MAX_TOKENS = "Max tokens"
EFFORT = "Reasoning effort"
STOP_WORDS = "Stop words"
EXTRA = "Extra JSON"
KEEP_PROMPT = "Save this prompt as a preset…"
NOT_AN_OBJECT = 'Extra JSON should be an object, such as {"seed": 7}.'

# Names and texts of the presets that are there from the start.
PROMPTS = (
    ("Short and plain", "Answer in as few words as do the job. No preamble, no summary."),
    (
        "Step by step",
        "Work through the question step by step. Say what you assume, and check the result at "
        "the end.",
    ),
    (
        "Careful reviewer",
        "Review what you are given. Name the mistakes and risks first, the worst before the "
        "others, each with its place and a way to mend it. Say so where you are not sure.",
    ),
    (
        "Patient teacher",
        "Explain for somebody who is new to the subject. Begin with an example, introduce one "
        "idea at a time, and end with a question that shows whether it was understood.",
    ),
    (
        "Translator",
        "Translate what you are given: into English if it is in another language, else into the "
        "language named in the first message. Keep tone and layout. Say nothing else.",
    ),
)


def default_is(value: str) -> str:
    """What stands in an empty field."""
    line = " ".join(value.split())
    return f"Default: {line[:60]}{'…' if len(line) > 60 else ''}" if line else "Default"


def not_in_range(label: str, lowest: float, highest: float) -> str:
    limit = f"from {lowest:g} to {highest:g}" if highest < 1e9 else f"from {lowest:g}"
    return f"{label} should be a number {limit}."


def not_one_of(label: str, known: Sequence[str]) -> str:
    return f"{label} should be one of: {', '.join(known)}."


def not_json(reason: str) -> str:
    return f"This is not JSON yet: {reason}."


def prompt_kept(name: str) -> str:
    return f"Preset saved: {name}"


def prompt_dropped(name: str) -> str:
    return f"Preset deleted: {name}"


def drop_prompt(name: str) -> str:
    return f"Delete preset: {name}"


# --- providers ---------------------------------------------------------------------------------

# Whether a web page may call a provider, by what the table says.
MAY_CALL = {
    "direct": "Web pages may call it directly.",
    "header": "Web pages may call it directly, with a header that is sent for you.",
    "no": (
        "It does not let web pages call it, so it cannot be asked from here. The terminal can: "
        "python3 -m app."
    ),
    "unknown": "Whether web pages may call it is not known; Test connection shows it.",
}


def forgotten(host: str) -> str:
    return f"Provider forgotten: {host}"


def ask_model(provider: str) -> str:
    return f"Model of {provider}"
