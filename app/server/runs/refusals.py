"""Refusals of a run, or of its events; in the form of our other errors."""

from starlette.responses import Response

from ..errors import api_error


class RefusedError(Exception):
    """Reason of a refusal, in a sentence for people."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        """The answer that says so."""
        headers = {"retry-after": str(self.retry_after_s)} if self.retry_after_s else None
        return api_error(self.status, str(self), self.code, headers)


def no_such_run() -> RefusedError:
    """Make the same refusal for a run that never was, was deleted, or is another person's."""
    return RefusedError(404, "run_unknown", "there is no such run, or it was deleted")
