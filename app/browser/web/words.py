"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

APP = "Tokenfall"
NEW_CHAT = "New chat"
PROGRESS = {"writing": "Writing…", "waiting": "Waits for you", "ready": "Answer ready"}
COPIED = "Copied"
LINK_COPIED = "Link copied. All of it is in the link: who has it can read it."
LINK_TOO_LONG = "This is too long for a link. Save it as a file, and send that."
COPY_FORBIDDEN = "Copying is not allowed here"
WAITS_FOR_YOU = "Waits for your approval"
UNDO = "Undo"
NO_RESULT = "(nothing)"
# The tool that the example question of an empty chat needs.
EXAMPLE_TOOL = "current_time"

_TOOL_LABELS = {
    "current_time": "Tell the time",
    "calculate": "Calculate",
    "convert_units": "Convert units",
    "roll_dice": "Roll dice",
    "run_python": "Run Python",
    "search_files": "Search files",
    "read_file": "Read a file",
}


def tool_label(name: str) -> str:
    return _TOOL_LABELS.get(name, name)


# Some thirty years.
_LONGEST_S = 1e9


def seconds(value_s: float) -> str:
    """A duration for people: `42 ms`, `4.2 s`, `2 min 5 s`."""
    value_s = min(value_s, _LONGEST_S)  # a file of chats may say any number
    if value_s < 0.9995:
        return f"{value_s * 1000:.0f} ms"
    if value_s < 59.95:
        return f"{value_s:.1f} s"
    minutes, rest = divmod(round(value_s), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def size(count_bytes: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count_bytes < 1000:
            return f"{count_bytes:.0f} {unit}" if unit == "bytes" else f"{count_bytes:.1f} {unit}"
        count_bytes /= 1000
    return f"{count_bytes:.1f} GB"
