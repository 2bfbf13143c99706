"""The page as a part of another program, with that program's own login.

    pip install -e '.[server]'        # in Tokenfall's folder, where python3 serve.py has run once
    uvicorn examples.agents.mounted:host

http://localhost:8000/login/ada logs in, and leads to the page at /team/chat/.
"""

from secrets import token_urlsafe

import tokenfall
from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from tokenfall import Request

# Who has logged in, by what their browser shows.
SESSIONS: dict[str, str] = {}


async def answer(request: Request) -> str:
    """Keeps a list for each chat of each person."""
    things: list[str] = request.state.setdefault("things", [])
    things.append(request.message)
    return f"{request.user}, your list: {', '.join(things)}"


def current_user(request: HTTPRequest) -> str | None:
    """Who asks, None for who has to log in first."""
    return SESSIONS.get(request.cookies.get("session", ""))


async def log_in(request: HTTPRequest) -> Response:
    """A login of a demo: no password."""
    session = token_urlsafe()
    SESSIONS[session] = request.path_params["name"]
    response = RedirectResponse("/team/chat/", 303)
    response.set_cookie("session", session, httponly=True, samesite="strict")
    return response


host = Starlette(
    routes=[
        Route("/login/{name}", log_in),
        Mount("/team/chat", tokenfall.app(answer, title="Team list", user=current_user)),
    ]
)
