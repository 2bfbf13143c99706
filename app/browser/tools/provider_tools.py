"""The tools that a provider runs itself, as a chat offers them: each off until it is turned on.

A yes counts for its provider alone: the next one gets no search without another. Pure.
"""

from collections.abc import Sequence

from ...core.options import ProviderToolName
from ...providers import Provider
from ...providers.provider_tools import NAMES, NOT_KNOWN, Availability


def known_of(provider: Provider, model: str) -> list[Availability]:
    """List the known tools of the provider for this model; empty where there are none."""
    known = [provider.provider_tool(name, model) for name in NAMES]
    return [one for one in known if one.why_not != NOT_KNOWN]


def key(provider: Provider, name: ProviderToolName) -> str:
    """Make the name by which a chat keeps that the tool is on."""
    return f"{provider.name} {name}"


def turned_on(
    chosen: Sequence[str], provider: Provider, model: str, *, beside_functions: bool
) -> list[ProviderToolName]:
    """List the tools that a chat has chosen and that go with its next question."""
    return [
        one.name
        for one in known_of(provider, model)
        if key(provider, one.name) in chosen
        and not one.why_not
        and not (one.alone and beside_functions)
    ]
