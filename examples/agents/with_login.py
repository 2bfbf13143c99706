"""The page as a part of a FastAPI program, with that program's login: each person has their chats.

    pip install fastapi -e '.[server]'        # in Tokenfall's folder, where serve.py has run once
    uvicorn examples.agents.with_login:api

http://localhost:8000/login asks for a name and a password (ada and lutra, or bo and enhydra), and
leads to the page at /team/chat/. Chats are kept in team-chats.db.
"""

from secrets import compare_digest, token_urlsafe
from typing import Annotated

import tokenfall
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import RedirectResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.requests import Request as HTTPRequest
from tokenfall import Request

PASSWORDS = {"ada": "lutra", "bo": "enhydra"}
# Who has logged in, by what their browser shows.
SESSIONS: dict[str, str] = {}

api = FastAPI()


@api.get("/login")
def log_in(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> RedirectResponse:
    """Let in who knows their password."""
    known = PASSWORDS.get(given.username, "")
    if not known or not compare_digest(given.password.encode(), known.encode()):
        raise HTTPException(401, "Who are you?", {"www-authenticate": "Basic"})
    session = token_urlsafe()
    SESSIONS[session] = given.username
    response = RedirectResponse("/team/chat/", 303)
    response.set_cookie("session", session, httponly=True, samesite="strict")
    return response


def current_user(request: HTTPRequest) -> str | None:
    """Who asks, None for who has to log in first."""
    return SESSIONS.get(request.cookies.get("session", ""))


async def answer(request: Request) -> str:
    """Keeps a list for each chat of each person."""
    things: list[str] = request.state.setdefault("things", [])
    things.append(request.message)
    return f"{request.user}, your list: {', '.join(things)}"


api.mount(
    "/team/chat",
    tokenfall.app(answer, title="Team list", user=current_user, history="team-chats.db"),
)
