"""Model options: the built-in model, the Demo, and the models that the person entered."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, NamedTuple

import msgspec
from js import document, location

from ...core.errors import ConnectError, TransportError
from ...core.wire.transport import Request, Response, Transport
from ...providers import PROVIDERS, Provider, provider
from ...providers.check import Check, check
from ...providers.model_facts import UNKNOWN, ModelFacts
from ...scripted import demo
from ...scripted.transport import ScriptedTransport
from ..net import address_policy
from ..net.fetch import FetchTransport
from ..net.relay import RelayTransport
from ..net.server_status import AgentStatus, ModelStatus
from ..settings.api_keys import Lack, ProviderKeys
from ..settings.settings import Connection, Settings, own_id
from ..web.page_address import beside_page
from ..web.tasks import beside
from . import words

DEMO = "demo"
BUILT_IN = "built-in"
AGENT = "agent"  # a person's file that serve.py was given


# A person's decision, by the id of the answer and of the question in it.
Decide = Callable[[str, str, str], None]


class AskedByServer(NamedTuple):
    """The provider as the server of this page is told of it: its name in the table, and its address
    where that is another one.
    """

    provider: str
    base_url: str = ""


class ModelOption(msgspec.Struct, frozen=True):
    """One model that can be chosen. `id` is kept for the choice, `facts` are its provider's.
    `is_relayed`: this page's server asks in its place. `asked_by_server` is there where that can
    give the answers too, and `on_server` says that it does, unless a chat says otherwise.
    """

    id: str
    label: str
    provider: Provider
    model: str
    transport: Transport
    facts: ModelFacts = UNKNOWN
    is_relayed: bool = False
    takes_tools: bool = True
    decide: Decide | None = None
    asked_by_server: AskedByServer | None = None
    on_server: bool = False

    @property
    def name(self) -> str:
        """The name that its answers are signed with."""
        if self.provider.label in ("", self.label):
            return self.label
        return f"{self.provider.label} · {self.label}"

    @property
    def speaker(self) -> str:
        """The name of the speaker: the provider where there is one, else the model."""
        return self.provider.label or self.label


def has_server() -> bool:
    """Tell whether serve.py serves this page, and not any file host."""
    return bool(document.documentElement.getAttribute("data-host") == "server")


class ModelOptions:
    """Makes them; holds the transports, which serve all of them.

    `has_relay`: the server of this page asks providers for the page; `server_keys` names those
    whose key it has.
    """

    def __init__(self, keys: ProviderKeys) -> None:
        self._keys = keys
        self.fetch = FetchTransport()
        self.has_relay = False
        self._relay = RelayTransport(self.fetch, beside_page("api/relay"))
        scripted = ScriptedTransport(demo.reply_for)
        self._demo = ModelOption(
            DEMO,
            "Demo",
            PROVIDERS["demo"],
            demo.MODEL,
            scripted,
            asked_by_server=AskedByServer("demo"),
        )
        # Providers whose key the server of this page has.
        self.server_keys: frozenset[str] = frozenset()
        # Whether that gives the answers of its agent, None where it can't.
        self.agent_on_server: bool | None = None
        # By address and model what was made last, and of what: it is asked for often.
        self._made: dict[tuple[str, str], tuple[tuple[Any, ...], ModelOption]] = {}

    def use_relay(self, is_there: bool) -> None:
        """Take in whether the server of this page asks providers for the page."""
        self.has_relay = is_there
        self.fetch.way_out = words.OR_THROUGH_SERVER if is_there else ""

    def demo(self) -> ModelOption:
        # In the tab, also where a server has one: it then works everywhere in the same way.
        return self._demo

    def built_in(self, status: ModelStatus) -> ModelOption:
        base_url = beside_page(PROVIDERS["built-in"].base_url)
        provider = msgspec.structs.replace(
            PROVIDERS["built-in"], label=status.label, base_url=base_url
        )
        return ModelOption(
            BUILT_IN,
            status.label,
            provider,
            status.id,
            self.fetch,
            ModelFacts(window=status.window),
            takes_tools=False,
            asked_by_server=AskedByServer("local"),
        )

    def agent(self, status: AgentStatus) -> ModelOption:
        base_url = beside_page("api/agent")
        provider = Provider("agent", status.title, base_url, protocol="tokenfall")
        return ModelOption(
            AGENT,
            status.title,
            provider,
            status.title,
            self.fetch,
            takes_tools=status.takes_tools,
            decide=self._decide,
            asked_by_server=None if self.agent_on_server is None else AskedByServer("agent"),
            on_server=bool(self.agent_on_server),
        )

    def _decide(self, answer: str, call: str, decision: str) -> None:
        said = msgspec.json.encode({"answer": answer, "call": call, "decision": decision})
        kind = {"content-type": "application/json"}
        beside(self._post(Request("POST", beside_page("api/agent/decisions"), kind, said)))

    async def _post(self, request: Request) -> None:
        with suppress(TransportError):  # then the answer has ended too, and says so
            async with self.fetch.open(request):
                pass

    def own(self, settings: Settings) -> Iterable[ModelOption]:
        """List the kept models of the person's providers."""
        known = {connection.base_url for connection in settings.connections}
        self._made = {of: made for of, made in self._made.items() if of[0] in known}
        for connection in settings.connections:
            for model in connection.models:
                yield self._of(connection, model)

    def own_of(self, settings: Settings, id: str) -> ModelOption | None:
        """Any model of a provider that is there, kept or not; None where the provider is not."""
        for connection in settings.connections:
            model = id.removeprefix(own_id(connection.base_url, ""))
            if model not in ("", id):
                return self._of(connection, model)
        return None

    def _of(self, connection: Connection, model: str) -> ModelOption:
        base_url = connection.base_url
        key = self._keys.of(base_url)
        lack = "" if key else self._keys.lack(base_url)
        of = (connection, key, lack, has_key := self.has_server_key(base_url))
        before, option = self._made.get((base_url, model), ((), self._demo))
        if before != of:
            option = self._make(connection, model, key, lack, has_server_key=has_key and not key)
            self._made[base_url, model] = (of, option)
        return option

    def has_server_key(self, base_url: str) -> bool:
        """Tell whether the server of this page has a key for the provider at this address."""
        return bool(self._with_server_key(base_url))

    def is_on_server(self, connection: Connection, key: str) -> bool:
        """Tell whether a provider's answers are given by the server of this page: as was chosen,
        else where that alone has the key.
        """
        if connection.on_server is not None:
            return connection.on_server
        return not key and self.has_server_key(connection.base_url)

    def server_connections(self) -> list[Connection]:
        """The providers whose key the server has, as if a person had entered them."""
        rows = [row for name, row in PROVIDERS.items() if name in self.server_keys]
        return [
            Connection(row.base_url, row.label, row.name, [row.default_model])
            for row in rows
            if row.default_model
        ]

    def _with_server_key(self, base_url: str) -> str:
        rows = (PROVIDERS[name] for name in self.server_keys)
        return next((row.name for row in rows if row.base_url == base_url), "")

    def _make(
        self, connection: Connection, model: str, key: str, lack: Lack, *, has_server_key: bool
    ) -> ModelOption:
        base_url = connection.base_url
        provider = self.provider(
            base_url, connection.label, connection.preset, key, via_server=connection.via_server
        )
        facts = connection.facts_of(model)
        provider = msgspec.structs.replace(provider, facts={model: facts})
        is_relayed = connection.via_server and has_server()
        carrier: Transport = self._relay if is_relayed else self.fetch
        if has_server_key:
            carrier = _NoKey(words.KEY_IS_SERVERS)
        elif lack:
            carrier = _NoKey(words.lacks_key(host_of(base_url), lack))
        row = PROVIDERS.get(connection.preset)
        is_named = row is not None and row.base_url == base_url
        asked = AskedByServer("other" if row is None else row.name, "" if is_named else base_url)
        return ModelOption(
            own_id(base_url, model),
            model,
            provider,
            model,
            carrier,
            facts,
            is_relayed,
            asked_by_server=asked,
            on_server=self.is_on_server(connection, key),
        )

    def provider(
        self,
        base_url: str,
        label: str,
        preset: str,
        key: str | None = None,
        *,
        via_server: bool,
    ) -> Provider:
        """A provider at this address, with the key kept for this address unless one is given."""
        known = self._keys.of(base_url) if key is None else key
        row = provider(preset if preset in PROVIDERS else "other", base_url=base_url, key=known)
        row = msgspec.structs.replace(row, label=label)
        return row if via_server and has_server() else row.in_browser()

    async def check(self, provider: Provider, model: str, *, via_server: bool) -> Check:
        """Test the connection to a provider. The server of this page asks, where it alone has the
        key or `via_server` says so.
        """
        if not provider.key and (name := self._with_server_key(provider.base_url)):
            return await self._checked_by_server(name)
        if via_server and has_server():
            return await check(provider, model, self._relay, "")
        return await check(provider, model, self.fetch, location.href)

    async def _checked_by_server(self, name: str) -> Check:
        address = beside_page(f"api/providers/{name}/models")
        try:
            async with self.fetch.open(Request("GET", address, {})) as response:
                body = b"".join([chunk async for chunk in response.chunks()])
            return msgspec.json.decode(body, type=Check)
        except (TransportError, msgspec.MsgspecError) as error:
            return Check("server", str(error))

    def wants_relay(self, base_url: str, preset: str) -> bool:
        """Tell whether only the server of this page can ask there, as far as is known, and does."""
        if not self.has_relay:
            return False
        row = provider(preset if preset in PROVIDERS else "other", base_url=base_url)
        is_plain = base_url.startswith("http://")
        return row.browser == "no" or (
            is_plain and bool(address_policy.forbidden(base_url, location.href))
        )


class _NoKey:
    """Carries nothing: without its key the provider would only refuse."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    def open(self, request: Request) -> AbstractAsyncContextManager[Response]:
        raise ConnectError(self._sentence)


def host_of(base_url: str) -> str:
    """Give the host of an address, with its port: people know a provider by it."""
    return base_url.partition("://")[2].partition("/")[0]
