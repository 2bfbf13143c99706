"""Models: the picker, who answers, how far the built-in one has come."""

ON_THIS_COMPUTER = "On this computer"
IN_THIS_TAB = "In this tab"
CHOOSE_A_MODEL = "Choose a model"
SEARCH_MODELS = "Search models"
RECENT_MODELS = "Recently used"
MORE = "More"
ADD_PROVIDER = "Add a provider…"
NO_KEY_HERE = "There is no key for it in this tab."


def use_typed(name: str, provider: str) -> str:
    return f"Use {name} with {provider}"


def window(tokens: int) -> str:
    """How much a model can read."""
    if tokens >= 1_000_000:
        return f"{tokens / 1e6:.3g}M tokens"
    return f"{tokens / 1e3:.0f}k tokens" if tokens >= 1000 else f"{tokens} tokens"


def asking_for_models(provider: str) -> str:
    return f"Asking {provider} for its models…"


def no_models(provider: str, reason: str) -> str:
    return f"{provider} gave no list of models. {reason}"


def ask_model(provider: str) -> str:
    """Beside a model in the palette."""
    return f"Model of {provider}" if provider else "Model"


# --- who answers -----------------------------------------------------------------------------

DEMO_ANSWERS = (
    "The Demo answers: a script in this tab, no model. "
    "It shows how answers arrive; /help lists what it can do."
)
NEEDS_SERVER = (
    "The built-in model needs serve.py on your computer. "
    "Here the Demo answers, or a provider that you add."
)
PREPARING_MODEL = "Preparing the built-in model"
BUILT_IN_MODEL = "Built-in model"
FOREIGN_STATUS = "The server of this page is not Tokenfall's."
# By HTTP status: why the server of this page does not answer it, and what to do.
NOT_LET_IN = {
    401: (
        "The server of this page does not know this browser: open the address that serve.py "
        "printed, with its token."
    ),
    403: (
        "The server of this page is another user's: start your own with serve.py, on another port."
    ),
}
ADD_A_PROVIDER = "Add a provider"
USE_IT = "Use it"


def built_in_answers(model: str) -> str:
    return (
        f"{model} answers, a very small model on this computer: fluent, fast, "
        "and often wrong. Nothing leaves this machine."
    )


def provider_answers(model: str, host: str) -> str:
    return f"{model} answers. Your words go to {host} only."


def model_state(state: str, received_bytes: int, total_bytes: int) -> str:
    """What goes on with the built-in model, in a few words."""
    match state:
        case "downloading" if total_bytes:
            return f"downloading, {received_bytes / 1e6:.0f} of {total_bytes / 1e6:.0f} MB"
        case "absent":
            return "not running"
        case "failed":
            return "did not start"
        case "locked":
            return "not open to this browser"
    return state


def model_is_coming(model: str, state: str) -> str:
    return f"{model} is {state}. Until it is ready, the Demo answers."


def model_is_ready(model: str) -> str:
    return f"{model} is ready."


def model_failed(reason: str) -> str:
    reason = reason.rstrip(".") or "no reason was given"
    return f"The built-in model did not start: {reason}. The Demo answers."
