"""The settings: of answers, of providers, of the page."""

from collections.abc import Sequence

# --- what is set for answers -----------------------------------------------------------------

INSTRUCTIONS = "System prompt"
TEMPERATURE = "Temperature"
TOP_P = "Top-p"
MAX_TOKENS = "Max tokens"
WINDOW = "Context window"
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


# --- providers -------------------------------------------------------------------------------

# Whether a web page may call a provider, by what the table says.
MAY_CALL = {
    "direct": "Web pages may call it directly.",
    "header": "Web pages may call it directly, with a header that is sent for you.",
    "no": (
        "It does not let web pages call it, so it cannot be asked from here. The terminal can: "
        "python3 -m app."
    ),
    "relay": "It does not let web pages call it, so this page's server asks it.",
    "unknown": "Whether web pages may call it is not known; Test connection shows it.",
}


def passes_through(host: str) -> str:
    return (
        f"The key and the messages pass through the server of this page on {host}, which keeps "
        "nothing."
    )


NEW_PROVIDER = "New provider"
CHOOSE_PROVIDER = "Choose a provider…"
TESTING = "Testing the connection…"
NO_ADDRESS = "The base URL should begin with https:// or http://."


def key_misfit(letter: str) -> str:
    return f"The API key holds {letter}, which no key has. Copy the key again from its provider."


NO_MODEL = "Enter a model, or test the connection to list them."

# The groups of the table, in their order; the last has one row a protocol.
PRESET_GROUPS = {
    "service": "Services",
    "here": "On your computer",
    "own": "Any address, by its protocol",
}

# How the last test of a provider went.
TESTED = {"good": "Works", "bad": "Did not work"}


KEY_IS_KEPT_BY_SERVER = (
    "Remembered, it is kept by serve.py, on the computer that runs it; otherwise in this tab until "
    "you close it. It is sent on to this base URL only."
)

# Why a key that was remembered is not here, as `provider_keys` has it: in its empty field.
KEY_LACKS = {
    "": "",
    "waits": "Waits for the server of this page",
    "lost": "No longer kept: enter it again",
}


def key_state(*, has_key: bool, is_remembered: bool, lack: str) -> str:
    if lack:
        return "Key waits for the server" if lack == "waits" else "Enter the key again"
    if not has_key:
        return "No key"
    return "Key on this device" if is_remembered else "Key in this tab"


def suggested(model: str, *, is_only: bool) -> str:
    others = "" if is_only else "; the list beside it has the others"
    return f"{model} is entered as the model{others}."


def new_chats_ask(model: str) -> str:
    return f"New chats ask {model}. This one keeps its model."


USE_IT_HERE = "Use it here"


def forgotten(host: str) -> str:
    return f"Provider forgotten: {host}"


# --- the dialog --------------------------------------------------------------------------------

SETTINGS_NOT_SAVED = "Your changes to the settings were not saved."
BACK_TO_THEM = "Go on with them"

# Its sections, for the palette.
SECTIONS = {
    "providers": "Settings: providers",
    "answers": "Settings: model defaults",
    "appearance": "Settings: appearance",
    "composer": "Settings: composer and keys",
    "tools": "Settings: tools",
    "data": "Settings: data",
    "privacy": "Settings: privacy",
    "about": "Settings: about",
}
