"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

from collections.abc import Sequence


def brought_unused(labels: Sequence[str]) -> str:
    """The line in a chat's settings about settings that its file brought, by their names."""
    names = ", ".join(labels)
    return f"This chat came from a file, which brings more than words. Not used: {names}."


KEEP_PROMPT = "Save this prompt as a preset…"

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
    """The text in an empty field."""
    line = " ".join(value.split())
    return f"Default: {line[:60]}{'…' if len(line) > 60 else ''}" if line else "Default"


def prompt_kept(name: str) -> str:
    return f"Preset saved: {name}"


def prompt_dropped(name: str) -> str:
    return f"Preset deleted: {name}"


def link_to(name: str) -> str:
    return f"Copy a link with “{name}”"


def drop_prompt(name: str) -> str:
    return f"Delete preset: {name}"


SETTINGS_NOT_SAVED = "Your changes to the settings were not saved."
BACK_TO_THEM = "Go on with them"

# Of a field that the chosen model does not take.
SEND_ANYWAY = "Send it anyway"
LEAVE_OUT = "Leave it out"


def where_answers_are_given(*, on_server: bool) -> str:
    """The meaning of where a chat's answers are given."""
    if on_server:
        return "Answers go on when this page is closed; the server keeps this chat."
    return "Answers are given in this tab, and end when it is closed."
