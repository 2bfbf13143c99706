"""The addresses of chats that run on the server: one person's, listed, read, set, followed,
deleted.
"""

import asyncio
from contextlib import ExitStack

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...protocols.tokenfall.runs import ChatFacts, ChatLine, ChatList, ChatState
from ...runs.feeds import kept
from ...runs.log import LostOffsetError, RunRecord, changes_of
from ...runs.offsets import START, Offset
from . import chat_changes
from .chat_facts import facts_in, kept_facts
from .kept import messages_of, nodes_of
from .refusals import RefusedError
from .run_routes import after_of, handled, json_response, owner_of, state_of
from .service import Runs, RunService
from .views import Following, ServerSentEvents, headers_of


def chat_routes(service: RunService, closing: asyncio.Event) -> list[Route]:
    """Make the routes."""

    async def list_all(request: Request) -> Response:
        return json_response(await _list(await service.runs(), owner_of(request)))

    async def follow(request: Request) -> Response:
        """Stream the changes of this person's chats, without an end."""
        runs, owner = await service.runs(), owner_of(request)
        stream, after = changes_of(owner), after_of(request)
        try:
            await runs.log.read(stream, after, 1)
        except LostOffsetError:
            return json_response(await _list(runs, owner), 410)
        if request.method == "HEAD":
            return Response(headers=headers_of(ServerSentEvents()))
        counting = ExitStack()
        counting.enter_context(service.budgets.reader(owner))
        counting.enter_context(runs.metrics.reader())
        parts = runs.feeds.follow(stream, after)
        return Following(parts, ServerSentEvents(), closing, ends=False, on_end=counting.close)

    async def one(request: Request) -> Response:
        runs = await service.runs()
        records = await _own_chat(runs, request)
        messages = await messages_of(runs.log, records)
        states = [state_of(record) for record in records]
        chat = records[0].chat
        nodes = await nodes_of(runs.log, records)
        facts = facts_in((await runs.log.facts(owner_of(request), chat)).get(chat, {}))
        title = facts.title or records[0].title
        return json_response(ChatState(chat, title, messages, states, nodes, facts))

    async def set_some(request: Request) -> Response:
        runs, owner = await service.runs(), owner_of(request)
        records = await _own_chat(runs, request)
        try:
            facts = msgspec.json.decode(await request.body(), type=ChatFacts)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RefusedError(400, "bad_request", f"it cannot be read: {error}") from None
        known = (await runs.log.facts(owner, records[0].chat)).get(records[0].chat, {})
        kept = kept_facts(facts, known)
        if any(len(value) > len(known.get(name, b"")) for name, value in kept.items()):
            await service.budgets.check_room(runs.log, owner)
        await chat_changes.set_facts(runs.log, records[0], facts, kept)
        return Response(status_code=204)

    async def delete(request: Request) -> Response:
        runs = await service.runs()
        await runs.runner.delete_chat(await _own_chat(runs, request))
        return Response(status_code=204)

    return [
        Route("/api/chats", handled(list_all), methods=["GET"]),
        Route("/api/chats/events", handled(follow), methods=["GET"]),
        Route("/api/chats/{chat}", handled(one), methods=["GET"]),
        Route("/api/chats/{chat}", handled(set_some), methods=["PATCH"]),
        Route("/api/chats/{chat}", handled(delete), methods=["DELETE"]),
    ]


async def _own_chat(runs: Runs, request: Request) -> list[RunRecord]:
    records = await runs.log.runs(owner_of(request), request.path_params["chat"])
    if not records:
        raise RefusedError(404, "chat_unknown", "there is no such chat, or it was deleted")
    return records


async def _list(runs: Runs, owner: str) -> ChatList:
    # The place first: what changes meanwhile is told once more, and not left out.
    place: Offset = START
    async for entry in kept(runs.log, changes_of(owner)):
        place = entry.end
    latest = {record.chat: record for record in await runs.log.runs(owner)}
    facts = {chat: facts_in(values) for chat, values in (await runs.log.facts(owner)).items()}
    chats = [_line(one, facts.get(one.chat, ChatFacts())) for one in latest.values()]
    chats.sort(key=lambda chat: chat.updated_s, reverse=True)
    return ChatList(chats, str(place))


def _line(latest: RunRecord, facts: ChatFacts) -> ChatLine:
    return ChatLine(
        latest.chat,
        facts.title or latest.title,
        latest.ended_s or latest.created_s,
        latest.id,
        latest.status,
        facts.pinned or False,
    )
