"""The model picker."""

ON_THIS_COMPUTER = "On this computer"
IN_THIS_TAB = "In this tab"
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


def more_models(count: int) -> str:
    return f"{count:,} more. Type to find them."


def asking_for_models(provider: str) -> str:
    return f"Asking {provider} for its models…"


def no_models(provider: str, reason: str) -> str:
    return f"{provider} gave no list of models. {reason}"


def ask_model(provider: str) -> str:
    """Beside a model in the palette."""
    return f"Model of {provider}" if provider else "Model"
