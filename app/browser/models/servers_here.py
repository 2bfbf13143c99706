"""Model servers on the computer of this page's server, found by it."""

from collections.abc import Callable

import msgspec

from ...core.errors import TransportError
from ...core.wire.transport import Request, Transport
from ...providers.model_facts import UNKNOWN, ModelFacts
from ...providers.model_servers import ModelServer
from ..settings.settings import Settings, own_id
from ..web.page_address import beside_page
from ..web.tasks import beside


class _Found(msgspec.Struct):
    servers: list[ModelServer]


class ServersHere:
    """Asks for them, and keeps the last list. `changed` is called when it differs."""

    def __init__(self, transport: Transport, changed: Callable[[], None]) -> None:
        self._transport = transport
        self._changed = changed
        self._servers: list[ModelServer] = []
        self._is_asking = False

    def ask(self) -> None:
        """Ask which are there now."""
        if not self._is_asking:
            self._is_asking = True
            beside(self._ask())

    def new_to(self, settings: Settings) -> list[ModelServer]:
        """List the servers that the person has not entered as providers."""
        known = {_by_name(one.base_url) for one in settings.connections}
        return [one for one in self._servers if one.base_url not in known]

    def facts(self, base_url: str, model: str) -> ModelFacts:
        """Give the facts of a model that one of them has."""
        address = _by_name(base_url)
        found = (one.facts.get(model) for one in self._servers if one.base_url == address)
        return next((facts for facts in found if facts), UNKNOWN)

    def entered(self, id: str, settings: Settings, *, via_server: bool) -> Settings:
        """The settings with the server that has this model as a provider, if it is one of these."""
        for server in self.new_to(settings):
            model = id.removeprefix(own_id(server.base_url, ""))
            if model not in ("", id):
                return settings.with_model(
                    server.base_url, server.label, server.name, model, via_server=via_server
                )
        return settings

    async def _ask(self) -> None:
        request = Request("GET", beside_page("api/model-servers"), {"accept": "application/json"})
        found: list[ModelServer] = []
        try:
            async with self._transport.open(request) as response:
                body = b"".join([chunk async for chunk in response.chunks()])
            if response.status == 200:
                found = msgspec.json.decode(body, type=_Found).servers
        except (TransportError, msgspec.MsgspecError):
            pass  # then none is known; how the server is doing is told elsewhere
        finally:
            self._is_asking = False
        if found != self._servers:
            self._servers = found
            self._changed()


def _by_name(base_url: str) -> str:
    """An address of this computer as they are kept here."""
    for host in ("//127.0.0.1", "//[::1]"):
        base_url = base_url.replace(f"{host}:", "//localhost:", 1)
    return base_url
