"""A provider on another origin, with a key, steered like our own. It speaks as OpenAI does."""

import asyncio

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.scripted import demo
from app.scripted.openai_chat import error_body, models_body, whole
from app.scripted.steps import Reply
from app.server.control import control_routes
from app.server.playback import Script

KEY = "sk-of-the-other-origin"
MODELS = ["demo", "otter-large", "otter-small"]


def elsewhere_app(*, cors: bool) -> Starlette:
    """Make the provider. Without `cors` it answers, but no web page may read what."""
    closing = asyncio.Event()
    script = Script(closing)

    async def models(request: Request) -> Response:
        return await script.response(
            request, _refusal(request) or whole(models_body(MODELS, owned_by="tests"))
        )

    async def chat(request: Request) -> Response:
        reply = _refusal(request) or demo.reply(await request.body())
        return await script.response(request, reply)

    async def queued(request: Request) -> Response:
        # Anthropic's, and an agent's that speaks AG-UI: the replies that a test has queued.
        data = error_body("No reply is queued.", type="not_found_error")
        return await script.response(request, whole(data, status=404))

    app = Starlette(
        routes=[
            Route("/v1/models", models, methods=["GET"]),
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/messages", queued, methods=["POST"]),
            Route("/agent", queued, methods=["POST"]),
            *control_routes(script, "/control/"),
        ],
        middleware=[
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"]
            )
        ]
        if cors
        else [],
    )
    app.state.closing = closing
    return app


def _refusal(request: Request) -> Reply | None:
    if request.headers.get("authorization") == f"Bearer {KEY}":
        return None
    data = error_body(
        "Incorrect API key provided.", type="invalid_request_error", code="invalid_api_key"
    )
    return whole(data, status=401)
