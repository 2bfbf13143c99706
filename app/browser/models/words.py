"""Texts of this room that Python shows; texts that stand in the page from the start are in its
HTML. Pure.
"""

DEMO = "Demo"

# Suggested in an empty chat: what needs a tool, and what stands there for a model without tools.
EXAMPLE_OF_TOOL = "What time is it?"
EXAMPLE_FOR_ALL = "Write a thank-you note to a neighbour"


def turns_on(tool: str) -> str:
    return f"Turns on the tool “{tool}” in this chat"


ON_THIS_COMPUTER = "On this computer"
IN_THIS_TAB = "In this tab"
CHOOSE_A_MODEL = "Choose a model"
SEARCH_MODELS = "Search models"
RECENT_MODELS = "Recently used"
MORE = "More"


def found_at(host: str) -> str:
    """The place of a model server that was found, and not entered."""
    return f"found at {host}"


ADD_PROVIDER = "Add a provider…"
NO_KEY_HERE = "There is no key for it in this tab."
KEY_IS_SERVERS = (
    "This page's server has the key, so answers are given there and kept there. "
    "This chat is set otherwise, or is a temporary one."
)
SERVER_HAS_KEY = "The server has a key"
KEY_ON_SERVER = "key on the server"


def use_typed(name: str, provider: str) -> str:
    return f"Use {name} with {provider}"


def asking_for_models(provider: str) -> str:
    return f"Asking {provider} for its models…"


def no_models(provider: str, reason: str) -> str:
    return f"{provider} gave no list of models. {reason}"


def ask_model(provider: str) -> str:
    """The words beside a model in the palette."""
    return f"Model of {provider}" if provider else "Model"


DEMO_ANSWERS = (
    "The Demo answers: a script in this tab, no model. "
    "It shows how answers arrive; /help lists what it can do."
)
NEEDS_SERVER = (
    "The built-in model needs serve.py on your computer. "
    "Here the Demo answers, or a provider that you add."
)


def agent_answers(title: str) -> str:
    return f"{title} answers: a Python function on the computer that serves this page."


def agent_is_broken(error: str) -> str:
    """The error of the agent: its last line says what is wrong, the ones before where."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    places = [line for line in lines if line.startswith("File ")]
    place = f" ({places[-1]})" if places else ""
    return f"The file that answers cannot be used as it is: {lines[-1] if lines else error}{place}"


def built_in_answers(model: str) -> str:
    return (
        f"{model} answers, a very small model on this computer: fluent, fast, often wrong. "
        "It takes no tools, and only the beginning of a long file. Nothing leaves this machine."
    )


def provider_answers(model: str, host: str, *, on_server: bool) -> str:
    if on_server:
        return f"{model} answers. This page's server asks {host}, and keeps the chat."
    return f"{model} answers. Your words go to {host} only."


def model_is_coming(model: str, state: str) -> str:
    return f"{model} is {state}. Until it is ready, the Demo answers."


def model_is_ready(model: str) -> str:
    return f"{model} is ready."


def no_such_model(name: str) -> str:
    return f"The server was started with --model {name}, and no provider here has that model."


def model_failed(reason: str) -> str:
    reason = reason.rstrip(".") or "no reason was given"
    return f"The built-in model did not start: {reason}. The Demo answers."


# Said after what keeps the page from asking, where the server of this page could.
OR_THROUGH_SERVER = "Or let this page's server ask: Settings, Providers."


def lacks_key(host: str, lack: str) -> str:
    """Say why a key is not here: `lack` as `api_keys` has it."""
    if lack == "waits":
        return (
            f"The key of {host} waits for the server of this page, which keeps it. "
            "Start serve.py, or open the address that it printed."
        )
    return f"The key of {host} is no longer kept. Enter it again in Settings, Providers."


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

# Why a key that was remembered is not here, as `api_keys` has it: in its empty field.
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
