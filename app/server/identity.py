"""Identity of a folder's server, from one start to the next."""

import secrets
from pathlib import Path

import msgspec

from ..native import private_file
from ..native.private_file import NotPrivateError
from ..setup.errors import SetupError

_NAME = "identity.json"


class Identity(msgspec.Struct, frozen=True):
    """`instance` tells this folder's server from others on the same computer: browsers keep cookies
    by host, whatever the port. `cookie` is what a browser shows that was let in once.
    """

    instance: str
    cookie: str

    def __repr__(self) -> str:
        return f"Identity({self.instance})"


def identity_of(runtime: Path) -> Identity:
    """Read the identity, or make it once. Removing the file turns all browsers away.

    Raises:
        SetupError: The file cannot be kept to this user.
    """
    file = runtime / _NAME
    try:
        try:
            return msgspec.json.decode(private_file.read(file), type=Identity)
        except (FileNotFoundError, msgspec.MsgspecError):
            made = Identity(secrets.token_hex(4), secrets.token_urlsafe(32))
            private_file.replace(file, [msgspec.json.encode(made).decode()])
            return made
    except (NotPrivateError, OSError) as error:
        raise SetupError(
            f"What browsers are known by cannot be kept to you. {error} "
            "Each user needs a folder of their own."
        ) from error
