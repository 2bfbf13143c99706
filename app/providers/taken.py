"""Options that a model takes, and why it does not take the others; for settings of a person. Pure.

for name, taken in options_taken(provider, "claude-sonnet-5").items():
    print(name, taken.why_not or "is sent", taken.note)
"""

from typing import NamedTuple

from ..protocols.takes import EFFORTS, Takes
from .model_facts import UNKNOWN
from .provider import Provider
from .provider_tools import NAMES

_NAMES = (
    *("temperature", "top_p", "max_tokens", "stop", "seed", "reasoning_effort"),
    *("verbosity", "service_tier", "context_tokens"),
)
# By the names of `Options`: what the renderers of these protocols have no word for. A test holds
# it against what they write.
_NO_WORD_FOR = {
    "openai-chat": {"context_tokens"},
    "openai-responses": {"stop", "seed", "context_tokens"},
    "anthropic-messages": {"seed", "verbosity", "context_tokens"},
    "gemini": {"verbosity", "context_tokens"},
    "gemini-interactions": {"verbosity", "context_tokens"},
    "ollama": {"verbosity", "service_tier"},
    "tokenfall": set[str](),
    "ag-ui": set(_NAMES),
}

_THINKS_OR_CALLS = (
    "With tools it does not think in Chat Completions: choose the provider OpenAI for both."
)
# Said after what the table of families does not say.
_BY_LIST = "So says the list of models of {}."


class Taken(NamedTuple):
    """Fate of an option. `why_not` is a sentence, "" where it is sent; `note` one that holds beside
    it. `values` are the only ones that are sent as they are, None where all are.

    An option that is not sent because of the model can be sent all the same, for tables age:
    `Options.sent_anyway`. One that the protocol has no word for (`can_be_forced` is false) can't.
    """

    why_not: str = ""
    note: str = ""
    values: tuple[str, ...] | None = None
    can_be_forced: bool = True


def options_taken(provider: Provider, model: str) -> dict[str, Taken]:
    """Tell for each option, by its name in `Options`, whether this model takes it.

    The tools that the provider runs itself are told by their own names ("web_search").
    """
    known, facts = provider.takes(model), provider.facts.get(model, UNKNOWN)
    taken = {name: _taken(name, known, provider) for name in _NAMES}
    for name, told in taken.items():
        if facts.tells(name) and (told.why_not or told.note) and told.can_be_forced:
            by_list = _BY_LIST.format(provider.label or "the provider")
            why_not = told.why_not and f"{told.why_not} {by_list}"
            note = told.note and f"{told.note} {by_list}"
            taken[name] = told._replace(why_not=why_not, note=note)
    for name in NAMES:
        tool = provider.provider_tool(name, model)
        taken[name] = Taken(tool.why_not, tool.alone, can_be_forced=False)
    return taken


def _taken(name: str, known: Takes, provider: Provider) -> Taken:
    if name in _NO_WORD_FOR.get(provider.protocol, ()):
        who = provider.label or "This provider"
        if name == "context_tokens":
            return Taken("It is chosen for Ollama only.", can_be_forced=False)
        return Taken(f"{who} has no such setting.", can_be_forced=False)
    if known.draws_only and name != "seed":
        return Taken("This model only draws, and has no such setting.", can_be_forced=False)
    match name:
        case "temperature" | "top_p" if known.sampling == "none":
            return Taken("This model chooses its words its own way, and can't be told how.")
        case "temperature" | "top_p":
            return Taken(note=_sampling_note(name, known))
        case "max_tokens" if known.max_output:
            return Taken(
                note=f"It writes at most {known.max_output:,} tokens; no more is asked for."
            )
        case "stop" if not known.stop:
            return Taken("This model refuses stop words.")
        case "reasoning_effort" if known.efforts is not None:
            told = _effort(known)
            if known.thinks_or_calls and provider.protocol == "openai-chat":
                told = told._replace(note=f"{told.note} {_THINKS_OR_CALLS}".lstrip())
            return told
        case "verbosity" if not known.verbosity:
            return Taken("This model can't be told how much to say.")
        case "service_tier" if known.tiers == ():
            return Taken("This provider has no tiers to choose from.")
        case "service_tier":
            return Taken(values=known.tiers)
    return Taken()


def _sampling_note(name: str, known: Takes) -> str:
    notes = []
    if name == "temperature" and known.warmest is not None:
        notes.append(f"It takes at most {known.warmest:g}; no more is sent.")
    if known.sampling == "one":
        notes.append("This model takes one of the two: beside a temperature, top-p is not sent.")
    return " ".join(notes)


def _effort(known: Takes) -> Taken:
    words = tuple(word for word in EFFORTS if known.fitted_effort(word) == word)
    if not words:
        return Taken("This model can't be told how much to think.")
    note = (
        "" if words == EFFORTS else f"It knows {', '.join(words)}; for others the nearest is sent."
    )
    return Taken(note=note, values=words)
