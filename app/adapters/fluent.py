"""Settings of a chat in a chain."""

from collections.abc import Callable
from typing import Any, Self

from msgspec.structs import replace

from ..core.running.chat import Chat
from ..core.running.step import Endpoint
from ..core.tools.function_tool import Tool


class FluentChat(Chat):
    """A `Chat` whose settings can be written one after the other; each holds from the next question
    on.
    """

    def with_tool(self, tool: Tool | Callable[..., Any]) -> Self:
        """Offer one more tool. Raises `UsageError` where a model cannot call it."""
        self.toolbox.add(tool)
        return self

    def with_tools(self, *tools: Tool | Callable[..., Any]) -> Self:
        """Offer these tools too. Raises as `with_tool`."""
        for one in tools:
            self.toolbox.add(one)
        return self

    def with_model(self, model: str, provider: Endpoint | None = None) -> Self:
        """Ask this model; of another provider, if one is given."""
        self.model = model
        self.provider = provider or self.provider
        return self

    def with_instructions(self, instructions: str) -> Self:
        """Tell the model how to answer."""
        self.instructions = instructions
        return self

    def with_temperature(self, temperature: float | None) -> Self:
        """Set the temperature; None leaves the provider's own."""
        return self.with_options(temperature=temperature)

    def with_options(self, **changed: Any) -> Self:
        """Set any fields of `Options`."""
        self.options = replace(self.options, **changed)
        return self
