"""The addresses of runs. Each looks at the run's owner first: another person's run is not there.

docs/openapi.json describes them, and those of chats.

Long, because the addresses stand together, as their description does.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ...core.messages import Message, Status
from ...core.running.run import Run
from ...core.tools.toolbox import NotedToolbox
from ...protocols.tokenfall import EVENT_STREAM, NDJSON
from ...protocols.tokenfall.runs import KEY_HEADER, Question, RunState
from ...runs.log import (
    KEPT_CHANGES,
    LogError,
    LostOffsetError,
    NoSuchRunError,
    RunRecord,
    events_of,
)
from ...runs.offsets import START, Offset
from ..security import FROM_A_MODEL
from ..stream_limit import without_place
from . import controls
from .accepted import accepted
from .asking import parse_question
from .background import background_of
from .controls import Cancel, Decided, Result
from .durable_streams import Stream, head, read, stream_of
from .kept import conversation_of, events_so_far, folded
from .metrics import CONTENT_TYPE
from .refusals import RefusedError, no_such_run
from .service import Runs, RunService
from .views import Following, Lines, ServerSentEvents, Simple, View, headers_of

# What a reader says of where it is: the header of an EventSource that comes back, or a query.
_LAST_ID = "last-event-id"
_LONGEST_TITLE = 80
# Each is a write of the log, which keeps no more of what a run is told.
_AT_ONCE = msgspec.Meta(max_length=KEPT_CHANGES)
# What says no more than this is taken without room too: an answer that waits for a person's yes or
# no, or for a short result, comes to its end.
_SMALL_BYTES = 64 * 1024
_JSON = "application/json"
_FORMS = (NDJSON, EVENT_STREAM, _JSON)


class EventPage(msgspec.Struct):
    """The entries behind an event, for a client that asks again by itself; the run's `status` comes
    with the last ones.
    """

    events: list[msgspec.Raw]
    offset: str
    status: Status | None


Handler = Callable[[Request], Awaitable[Response]]


def handled(handler: Handler) -> Handler:
    """Answer refusals, and failures of the log, as such."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusedError as reason:
            return reason.response()
        except NoSuchRunError:
            return no_such_run().response()
        except LogError as error:
            message = f"what runs have said cannot be kept or read now: {error}"
            return RefusedError(503, "log_failed", message, 2).response()

    return handle


def json_response(value: object, status: int = 200) -> Response:
    """Answer with a value as JSON."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def state_of(record: RunRecord, offset: Offset | None = None) -> RunState:
    """Give the state of a run as a page is told of it."""
    return RunState(
        record.id,
        record.chat,
        record.created_s,
        f"api/runs/{record.id}/events",
        str(offset or Offset(record.epoch if record.last else 0, record.last)),
        record.status,
        record.status not in (None, "complete"),
    )


def owner_of(request: Request) -> str:
    """Name the asking person, as `Access` has found out."""
    return str(request.state.owner)


def after_of(request: Request) -> Offset:
    """Read the last event that a reader has. Raises `RefusedError` where it names none."""
    told = request.headers.get(_LAST_ID) or request.query_params.get("after", "")
    try:
        return Offset.of(told) if told else START
    except ValueError as error:
        raise RefusedError(400, "bad_offset", str(error)) from None


async def own_run(runs: Runs, request: Request) -> RunRecord:
    """The run of the address: its id, or the key that it was begun with. Raises `RefusedError`
    where this person has none of that name.
    """
    owner, name = owner_of(request), request.path_params["run"]
    record = await runs.log.get(name) or await runs.log.get(_id_of(owner, name))
    if record is None or record.owner != owner:
        raise no_such_run()
    return record


def run_routes(service: RunService, closing: asyncio.Event) -> list[Route]:
    """Make the routes."""

    async def chat(request: Request) -> Response:
        """Answer at once; a reader who leaves ends the answer."""
        # Not at the start of the server.
        from ...connections.serving import to_ndjson_response, to_sse_response

        question = await _question(request)
        if refusal := without_place(request.scope):
            return refusal
        wants = accepted(request.headers.get("accept", ""), _FORMS, EVENT_STREAM)
        counting = ExitStack()
        counting.enter_context(service.budgets.run(owner_of(request)))
        with counting:
            asked = service.asker.chat(question, question.messages, owner=owner_of(request))
            run = asked.go_on(streaming=question.stream)
            if not question.stream or wants == _JSON:
                return await _whole(run, request)
            serve = to_ndjson_response if wants == NDJSON else to_sse_response
            response = serve(run)
            return _Counting(response, counting.pop_all())

    async def begin(request: Request) -> Response:
        """Begin a run that goes on, whoever reads it."""
        owner = owner_of(request)
        question = service.asker.named(await _question(request))
        runs = await service.runs()
        run_id = _id_of(owner, request.headers.get("idempotency-key", ""))
        asked = msgspec.json.encode(question.without_key())
        known = await runs.log.get(run_id)
        if known is not None:
            if known.question != asked:
                message = "another question was asked under this Idempotency-Key"
                raise RefusedError(422, "key_reused", message)
            return json_response(state_of(known))
        await service.budgets.check_start(runs.log, owner)
        earlier = await runs.log.runs(owner, question.chat) if question.chat else []
        if not question.whole and any(record.status is None for record in earlier):
            message = "an answer is still on its way in this chat; stop it, or wait for its end"
            raise RefusedError(409, "chat_busy", message)
        history = await conversation_of(runs.log, owner, question, earlier)
        chat_id = question.chat or secrets.token_urlsafe(16)
        title = earlier[0].title if earlier else _title(question)
        record = RunRecord(run_id, owner, chat_id, title, asked, time.time())
        counting = ExitStack()
        counting.enter_context(service.budgets.run(owner))
        with counting:
            background = background_of(question, run_id)
            chat = service.asker.chat(question, history, NotedToolbox, background, owner=owner)
            run = chat.go_on(streaming=question.stream)
            began = await runs.runner.start(
                record, run, counting.pop_all().close, chat.toolbox, background
            )
        state = state_of(await runs.log.get(run_id) or record)
        return json_response(state, 201 if began else 200)

    async def one(request: Request) -> Response:
        runs = await service.runs()
        record = await own_run(runs, request)
        return json_response(await _snapshot(runs, record))

    async def events(request: Request) -> Response:
        runs = await service.runs()
        record = await own_run(runs, request)
        stream, after = events_of(record.id), after_of(request)
        try:
            await runs.log.read(stream, after, 1)
        except LostOffsetError:
            # Never silent: what the reader has is not what the log has, of which it gets all.
            return json_response(await _snapshot(runs, record, with_events=True), 410)
        view = _view(request)
        if view is None:
            return await _page(runs, record, after)
        if record.status is not None and after.number >= record.last:
            return Response(status_code=204)  # an EventSource then asks no more
        if request.method == "HEAD":
            return Response(headers=headers_of(view))
        counting = ExitStack()
        counting.enter_context(service.budgets.reader(owner_of(request)))
        counting.enter_context(runs.metrics.reader())
        parts = runs.feeds.follow(stream, after)
        return Following(parts, view, closing, on_end=counting.close)

    async def stream(request: Request) -> Response:
        """The events, as the Durable Streams protocol has them."""
        runs = await service.runs()
        record = await own_run(runs, request)

        async def find() -> Stream:
            known = await runs.log.get(record.id)
            if known is None:
                raise no_such_run()
            return await stream_of(runs.log, known)

        if request.method == "HEAD":
            return head(await find())
        counting = ExitStack()
        counting.enter_context(service.budgets.reader(owner_of(request)))
        counting.enter_context(runs.metrics.reader())
        return await read(runs.log, runs.feeds, find, request, closing, counting.close)

    async def cancel(request: Request) -> Response:
        runs = await service.runs()
        record = await own_run(runs, request)
        if record.status is None:
            try:
                await controls.tell(runs.log, record.id, Cancel())
            except LogError:  # as where the disk is full
                if not runs.runner.stop(record.id):
                    raise
        return Response(status_code=202)

    async def tool_results(request: Request) -> Response:
        return await _tell(request, Annotated[list[Result], _AT_ONCE])

    async def approvals(request: Request) -> Response:
        return await _tell(request, Annotated[list[Decided], _AT_ONCE])

    async def _tell(request: Request, kind: Any) -> Response:
        runs = await service.runs()
        record = await own_run(runs, request)
        body = await request.body()
        try:
            told: Sequence[Result | Decided] = msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RefusedError(400, "bad_request", f"it cannot be read: {error}") from None
        if record.status is not None:
            raise RefusedError(409, "run_ended", "the run has ended; it waits for nobody")
        if len(body) > _SMALL_BYTES:
            await service.budgets.check_room(runs.log, record.owner)
        for control in told:
            await controls.tell(runs.log, record.id, control)
        return Response(status_code=202)

    async def payload(request: Request) -> Response:
        runs = await service.runs()
        record = await own_run(runs, request)
        found = await runs.log.payload(record.id, request.path_params["name"])
        if found is None:
            raise RefusedError(404, "no_payload", "there is no such file")
        headers = {
            # From a model: it is shown as an image or kept as a file, and never runs as a page.
            "content-disposition": "attachment",
            "content-security-policy": FROM_A_MODEL,
        }
        return Response(found.data, headers=headers, media_type=_harmless(found.mime_type))

    async def delete(request: Request) -> Response:
        runs = await service.runs()
        record = await own_run(runs, request)
        message = request.query_params.get("message", "")
        await runs.runner.delete_run(record, message)
        return Response(status_code=204)

    async def providers(request: Request) -> Response:
        return json_response({"providers": service.asker.listed()})

    async def models(request: Request) -> Response:
        return json_response(await service.asker.check(request.path_params["provider"]))

    async def metrics(request: Request) -> Response:
        text = (await service.runs()).metrics.text()
        return Response(text, headers={"content-type": CONTENT_TYPE})

    def route(path: str, method: str, handler: Handler) -> Route:
        return Route(path, handled(handler), methods=[method])

    return [
        route("/api/chat", "POST", chat),
        route("/api/runs", "POST", begin),
        route("/api/runs/{run}", "GET", one),
        route("/api/runs/{run}", "DELETE", delete),
        route("/api/runs/{run}/events", "GET", events),
        route("/api/runs/{run}/stream", "GET", stream),
        route("/api/runs/{run}/cancel", "POST", cancel),
        route("/api/runs/{run}/tool-results", "POST", tool_results),
        route("/api/runs/{run}/approvals", "POST", approvals),
        route("/api/runs/{run}/payloads/{name}", "GET", payload),
        route("/api/providers", "GET", providers),
        route("/api/providers/{provider}/models", "GET", models),
        route("/api/metrics", "GET", metrics),
    ]


async def _question(request: Request) -> Question:
    return parse_question(await request.body(), request.headers.get(KEY_HEADER, ""))


async def _whole(run: Run, request: Request) -> Response:
    """Give the answer as one message; a reader who leaves ends it."""
    reading = asyncio.ensure_future(run.result())
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            run.cancel("left")
        return json_response(await reading)
    finally:
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _snapshot(runs: Runs, record: RunRecord, *, with_events: bool = False) -> RunState:
    events, place = await events_so_far(runs.log, record.id)
    state = state_of(await runs.log.get(record.id) or record, place)
    state.message = folded(events)
    if with_events:
        state.so_far = events
    return state


async def _page(runs: Runs, record: RunRecord, after: Offset) -> Response:
    """Give the present entries, for a client that asks again by itself."""
    entries = await runs.log.read(events_of(record.id), after)
    lines = [msgspec.Raw(line) for entry in entries for line in entry.lines()]
    state = await runs.log.get(record.id) or record
    place = entries[-1].end if entries else after
    # The status with the last event only: who stops at it has all.
    status = state.status if place.number >= state.last else None
    return json_response(EventPage(lines, str(place), status))


def _view(request: Request) -> View | None:
    """Choose the form that this reader wants; None for the present entries, as JSON."""
    if request.query_params.get("format") == "simple":
        return Simple()
    wants = accepted(request.headers.get("accept", ""), _FORMS, EVENT_STREAM)
    return {NDJSON: Lines(), _JSON: None}.get(wants, ServerSentEvents())


def _title(question: Question) -> str:
    """Make a title of a few words of the first question."""
    asked = next(
        (message for message in question.messages if message.role == "user"), Message("user")
    )
    return " ".join(asked.text.split())[:_LONGEST_TITLE]


def _id_of(owner: str, key: str) -> str:
    """A run's id; the same for the same question that is sent once more, with its key."""
    if not key:
        return secrets.token_urlsafe(16)
    return hashlib.sha256(f"{owner}\0{key}".encode()).hexdigest()[:32]


def _harmless(mime_type: str) -> str:
    is_image = mime_type.startswith("image/") and "svg" not in mime_type and mime_type.isascii()
    return mime_type if is_image and mime_type.isprintable() else "application/octet-stream"


class _Counting(Response):
    """A response that counts as long as it lasts."""

    def __init__(self, response: ASGIApp, counting: ExitStack) -> None:
        self._response = response
        self._counting = counting
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._counting:
            await self._response(scope, receive, send)
