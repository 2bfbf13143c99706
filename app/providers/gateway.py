"""Several providers behind one door.

    gateway = Gateway.builder().openrouter(key).ollama().build()
    chat = gateway.chat("ollama/llama3.2", fallbacks=["openrouter/auto"])
    async for event in gateway.chat_stream("Hi", model="openrouter/auto"): …

A model is named with its provider before it, or alone: then the first provider that lists it is
asked, and the others that do stand in for it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

from ..core.errors import TransportError, UsageError
from ..core.messages import Message, user
from ..core.running.chat import Chat
from ..core.running.run import Run
from ..core.wire import transport as transports
from ..core.wire.transport import Transport
from .models import list_models
from .provider import Provider
from .table import PROVIDERS, provider

Builder = Callable[..., "GatewayBuilder"]


class Gateway:
    """Finds the provider of a model, and makes chats with it.

    `providers` are asked in their order. `transport` carries all requests; without one, each is
    carried by the default one (`transports.use`).
    """

    def __init__(self, providers: Sequence[Provider], transport: Transport | None = None) -> None:
        if not providers:
            raise UsageError("a gateway needs at least one provider")
        self.providers = {known.name: known for known in providers}
        self._transport = transport
        self._models: dict[str, list[str]] = {}  # by provider, as far as they were listed

    @staticmethod
    def builder() -> "GatewayBuilder":
        """Begin with no provider; add them one by one, then `build`."""
        return GatewayBuilder()

    async def list_models(self) -> list[str]:
        """Ask all providers for their models: the names as `chat` takes them, provider first.

        A provider that can't be reached, refuses, or has no list is left out.
        """
        carrier = self._transport or transports.default()
        for name, known in self.providers.items():
            if not known.lists_models:
                continue
            try:
                listing = await list_models(known, carrier)
            except TransportError:
                continue
            if listing.error is None:
                self._models[name] = listing.models
        return [f"{name}/{model}" for name, models in self._models.items() for model in models]

    def routes(self, model: str) -> list[tuple[Provider, str]]:
        """List the providers to ask for this model, in order, each with its name for it.

        Raises:
            UsageError: It can't be told who has it.
        """
        name, slash, rest = model.partition("/")
        if slash and rest and name in self.providers:
            return [(self.providers[name], rest)]
        if len(self.providers) == 1:
            return [(known, model) for known in self.providers.values()]
        having = [name for name, models in self._models.items() if model in models]
        if not having:
            raise UsageError(
                f"it can't be told which provider has {model!r}: write it as "
                f"{next(iter(self.providers))}/{model}, or call list_models() before"
            )
        return [(self.providers[name], model) for name in having]

    def chat(self, model: str, *, fallbacks: Sequence[str] = (), **more: Any) -> Chat:
        """A conversation with this model; `more` are further arguments of `Chat`.

        `fallbacks` are models that are asked in turn where one fails before its first output.

        Raises:
            UsageError: It can't be told who has one of the models.
        """
        (first, name), *others = [
            route for wanted in (model, *fallbacks) for route in self.routes(wanted)
        ]
        settings = {"transport": self._transport} | more
        return Chat(first, name, fallbacks=others, **settings)

    def chat_stream(
        self, messages: str | Sequence[Message], model: str, *, streaming: bool = True, **more: Any
    ) -> Run:
        """The answer to a question, or to the last of several messages, on its way.

        Raises:
            UsageError: It can't be told who has the model, or the last message is no question.
        """
        turns = [user(messages)] if isinstance(messages, str) else list(messages)
        if not turns or turns[-1].role != "user":
            raise UsageError("the last message should be the user's")
        chat = self.chat(model, messages=turns[:-1], **more)
        return chat.stream(turns[-1].parts, streaming=streaming)


class GatewayBuilder:
    """Collects providers. Each row of the table is a method that takes a key and an address:
    `openrouter(key)`, `ollama()`, `lm_studio(base_url="http://192.0.2.7:1234/v1")`.
    """

    def __init__(self) -> None:
        self._providers: list[Provider] = []
        self._transport: Transport | None = None

    def __getattr__(self, name: str) -> Builder:
        row = next((row for row in PROVIDERS if _method(row) == name), None)
        if row is None:
            raise AttributeError(
                f"no provider {name!r}; known: {', '.join(map(_method, PROVIDERS))}"
            )

        def add(key: str = "", *, base_url: str = "") -> GatewayBuilder:
            return self.add(provider(row, base_url=base_url, key=key))

        return add

    def add(self, who: Provider) -> Self:
        """Add a provider of one's own; of two with the same name the later one counts."""
        self._providers.append(who)
        return self

    def transport(self, transport: Transport) -> Self:
        """Carry all requests with this transport."""
        self._transport = transport
        return self

    def build(self) -> Gateway:
        """The gateway. Raises `UsageError` where no provider was added."""
        return Gateway(self._providers, self._transport)


def _method(row: str) -> str:
    return row.replace("-", "_").replace(".", "_")
