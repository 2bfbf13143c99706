"""A question to the server: its limits, and the provider that is asked for it."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import httpx2
import msgspec
from msgspec.structs import replace

from ...core.errors import ConnectError
from ...core.header_values import misfit
from ...core.messages import Message
from ...core.nesting import is_too_deep
from ...core.running.calls import Decision
from ...core.running.chat import Chat
from ...core.tools.function_tool import Tool
from ...core.tools.toolbox import NotedToolbox, Toolbox
from ...core.wire.transport import Request, Response, Transport
from ...native.local_model import BuiltInModel
from ...protocols.tokenfall import DEFAULT_MODEL
from ...protocols.tokenfall.runs import Question
from ...providers import PROVIDERS, Provider, provider
from ...providers.check import Check, check
from ...providers.key_text import tidied
from ...scripted import demo
from ...scripted.transport import ScriptedTransport
from .. import model_request
from ..addresses import may_be_asked
from ..relay import resolved
from .agent_asking import AGENT, AgentAsker
from .background import Background
from .refusals import RefusedError
from .tools_elsewhere import asked_elsewhere

# The built-in model, which is no row of the table.
LOCAL = "local"

_FOR_MACHINES = "It leads to addresses that are for machines only."
_NOT_ASKED = "Others can reach this server, so it asks only providers whose key it has."


def parse_question(body: bytes, key: str = "") -> Question:
    """Read a question, which may have its key beside it. Raises `RefusedError` where it is none."""
    if is_too_deep(body):
        raise RefusedError(400, "too_deep", "the request's JSON nests too deep")
    try:
        question = msgspec.json.decode(body, type=Question)
        told = {name: question.data.get(name) for name in ("provider", "base_url", "key", "chat")}
        given = {name: value for name, value in told.items() if value and isinstance(value, str)}
        filled = {name: value for name, value in given.items() if not getattr(question, name)}
        question = replace(question, **filled)
        question.key = question.key or key
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RefusedError(400, "bad_request", f"the question cannot be read: {error}") from None
    last = question.messages[-1] if question.messages else None
    if last is None or not (last.role in ("user", "tool") or last.is_paused):
        message = "the last of the messages has to be a question (role user), or results of tools"
        raise RefusedError(400, "no_question", message)
    return question


class Asker:
    """Knows the providers that can be asked. `own` are those with the server's keys; `is_open`:
    others than the one who started the server are answered, and then only `relays` lets them bring
    keys of their own. `tools` may run here, by name. Where there is an `agent`, it is asked if a
    question names nobody.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        own: Mapping[str, Provider],
        model: BuiltInModel | None,
        tools: Sequence[Tool] = (),
        is_open: bool = False,
        relays: bool = True,
        agent: AgentAsker | None = None,
    ) -> None:
        self._agent = agent
        self._transport = transport
        self._own = own
        self._model = model
        self._tools = {one.name: one for one in tools}
        self._is_open = is_open
        self._relays = relays

    def listed(self) -> list[dict[str, object]]:
        """List the providers that can be asked, and whether the server has the key; never the
        key.
        """
        rows: list[dict[str, object]] = [
            {
                "name": row.name,
                "label": row.label,
                "default_model": row.default_model,
                "has_key": row.name in self._own,
            }
            for row in PROVIDERS.values()
            if row.base_url.startswith("https://") or row.name in self._own or not self._is_open
        ]
        if self._agent is not None:
            rows += self._agent.listed()
        if self._model is not None:
            label = self._model.status.label
            rows.append({"name": LOCAL, "label": label, "default_model": "", "has_key": True})
        return rows

    async def check(self, name: str) -> Check:
        """Ask a provider whose key the server has for its models. Raises `RefusedError`."""
        if name not in self._own:
            raise RefusedError(404, "no_key", f"the server has no key for {name}")
        return await check(self._own[name], "", self._transport, "")

    def chat(
        self,
        question: Question,
        history: Sequence[Message],
        make_toolbox: Callable[[Sequence[Tool]], Toolbox] = Toolbox,
        background: Background | None = None,
        *,
        owner: str = "",
    ) -> Chat:
        """Make the conversation that its `owner` asks the question in; `background` takes up what
        its provider goes on with by itself. Raises `RefusedError`.
        """
        if self._name(question) == AGENT:
            return self._asked_agent().chat(question, history, make_toolbox, owner=owner)
        who, transport = self._who(question)
        if background is not None:
            transport = background.over(transport)
        model = question.model if question.model != DEFAULT_MODEL else ""
        model = model or who.default_model
        if not model:
            raise RefusedError(400, "no_model", f"name a model: {who.label} has none to begin with")
        return Chat(
            who,
            model,
            tools=make_toolbox(
                [*self._named(question.server_tools), *map(asked_elsewhere, question.tools)]
            ),
            instructions=question.instructions,
            options=question.options,
            transport=transport,
            messages=history,
        )

    def named(self, question: Question) -> Question:
        """Give the question with the name of the provider that is asked, where it names none."""
        return replace(question, provider=self._name(question))

    def again(
        self,
        question: Question,
        history: Sequence[Message],
        background: Background | None = None,
    ) -> Chat | None:
        """The same for a run that another worker left; None where it can't be asked again: without
        its key, or where a local model ended with that worker.
        """
        name = self._name(question)
        is_shared = self._model is not None and self._model.is_shared
        if name == AGENT or (name == LOCAL and not is_shared):
            return None
        with suppress(RefusedError):
            return self.chat(question, history, NotedToolbox, background)
        return None

    def decide(self, owner: str, answer_id: str, call_id: str, decision: Decision) -> None:
        """Pass on what a person said to a question that no tool call of the run asks."""
        if self._agent is not None:
            self._agent.decide(owner, answer_id, call_id, decision)

    def _asked_agent(self) -> AgentAsker:
        if self._agent is None:
            raise RefusedError(503, "agent_absent", "This server runs without an agent.")
        return self._agent

    def _name(self, question: Question) -> str:
        if not question.provider and self._agent is not None:
            return AGENT
        return question.provider or next(iter(self._own), LOCAL if self._model else "demo")

    def _who(self, question: Question) -> tuple[Provider, Transport]:
        name = self._name(question)
        if name == "demo":
            return PROVIDERS["demo"], ScriptedTransport(demo.reply_for)
        if name == LOCAL:
            return self._local(), _LocalTransport(self._transport, self._model)
        if name not in PROVIDERS:
            known = ", ".join([LOCAL, *PROVIDERS])
            raise RefusedError(400, "provider_unknown", f"no provider {name!r}; known: {known}")
        own, own_key = self._own.get(name), tidied(question.key)
        # The server's own key goes to the address that it has for it only.
        is_own = own is not None and question.base_url in ("", own.base_url)
        row = own if own is not None and is_own else provider(name, base_url=question.base_url)
        is_known = is_own or (row.base_url.startswith("https://") and not question.base_url)
        if self._is_open and not is_known:
            message = "Others can reach this server, so it asks at no address that they name."
            raise RefusedError(403, "address_refused", message)
        if self._is_open and not self._relays and (own_key or not is_own):
            raise RefusedError(403, "relay_off", _NOT_ASKED)
        if letter := misfit(own_key):
            raise RefusedError(400, "bad_key", f"the key holds {letter}, which no key has")
        if own_key:
            row = replace(row, key=own_key)
        if not row.base_url.startswith(("https://", "http://")):
            raise RefusedError(400, "no_address", f"{row.label} needs a base_url")
        if row.needs_key and not row.key:
            message = f"the server has no key for {row.label}, and none came with the question"
            raise RefusedError(401, "no_key", message)
        is_named = bool(question.base_url) and not is_own
        return row, _AddressedTransport(self._transport) if is_named else self._transport

    def _local(self) -> Provider:
        if self._model is None:
            message = "This server runs without the built-in model."
            raise RefusedError(503, "model_absent", message)
        if (endpoint := self._model.endpoint) is None:
            self._model.want()
            raise RefusedError(503, "model_not_ready", "The built-in model is not ready yet.", 2)
        status = self._model.status
        return Provider(
            LOCAL, status.label, f"{endpoint.base_url}/v1", endpoint.key, default_model=status.id
        )

    def _named(self, names: Sequence[str]) -> list[Tool]:
        if unknown := [name for name in names if name not in self._tools]:
            message = f"this server has no tool {unknown[0]!r}"
            raise RefusedError(400, "tool_unknown", message)
        return [self._tools[name] for name in names]


class _AddressedTransport:
    """Carries requests to an address that somebody named, as far as the relay would ask it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Ask it. Raises `ConnectError` where any of its addresses is meant for machines."""
        # What is no address at all, the transport tells of.
        with suppress(httpx2.InvalidURL, OSError, OverflowError, ValueError):
            url = httpx2.URL(request.url)
            port = url.port or 443
            for address in await resolved(url.raw_host.decode("ascii"), port):
                if not may_be_asked(address, port, own_port=0):
                    raise ConnectError(f"{url.host} is not asked. {_FOR_MACHINES}")
        async with self._transport.open(request) as response:
            yield response


class _LocalTransport:
    """Carries requests to the built-in model, as far as its proxy would."""

    def __init__(self, transport: Transport, model: BuiltInModel | None) -> None:
        self._transport = transport
        self._model = model

    def open(self, request: Request) -> AbstractAsyncContextManager[Response]:
        """Ask it. Raises `ConnectError` where it may not be asked this."""
        assert self._model is not None
        try:
            body = model_request.passed_on(
                "chat/completions", request.body, self._model.status.window
            )
        except model_request.RefusedError as reason:
            raise ConnectError(str(reason)) from None
        return self._transport.open(replace(request, body=body))
