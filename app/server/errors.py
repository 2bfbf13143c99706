"""Errors of our own API, in the form that OpenAI-compatible servers use."""

from starlette.responses import JSONResponse


def api_error(
    status: int, message: str, code: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    """Answer with `{"error": {message, type, param, code}}`."""
    return JSONResponse(error_body(status, message, code), status, headers)


def error_body(status: int, message: str, code: str) -> dict[str, object]:
    """Give its body."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
