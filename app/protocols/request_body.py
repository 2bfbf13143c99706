"""The body of a question to us, in whichever format it is asked."""

from typing import TypeVar

import msgspec

from ..core.errors import ProtocolError
from ..core.nesting import is_too_deep

_Read = TypeVar("_Read")


def parsed(body: bytes, kind: type[_Read]) -> _Read:
    """Read a request.

    Raises:
        ProtocolError: It is none; the message says what is wrong with it.
    """
    if is_too_deep(body):
        raise ProtocolError("the request's JSON nests too deep")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(f"the request cannot be read: {error}") from error
