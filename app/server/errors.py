"""Errors of our own API, in the form that OpenAI-compatible servers use."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

# By this header of an answer, with the code of what kept the relay from asking, the page tells our
# own word from the provider's.
RELAY_ERROR = "relay-error"


def api_error(
    status: int, message: str, code: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Answer with `{"error": {message, type, param, code}}`."""
    return JSONResponse(error_body(status, message, code), status, headers)


async def too_deep(request: Request, error: Exception) -> Response:
    """Answer for a handler whose parser went too deep."""
    return api_error(400, "the request's JSON nests too deep", "too_deep")


async def no_text(request: Request, error: Exception) -> Response:
    """Answer for a handler whose parser met bytes that are no UTF-8."""
    return api_error(400, "the request is not UTF-8", "bad_request")


async def client_left(request: Request, error: Exception) -> Response:
    """Answer for a handler whose request's body broke off; nobody reads it."""
    return Response(status_code=400)


def error_body(status: int, message: str, code: str) -> dict[str, object]:
    """Give its body."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
