"""The server's own keys of providers: from a file, and from the environment.

    {"openai": "sk-…", "tokenfall": {"key": "…", "base_url": "https://other.example.org/api"}}

The file is for its owner only (mode 600). The environment counts only where nobody else is
answered: who starts a server for others has not said that they may spend what the shell holds.
A key goes to the address that stands with it, else to the provider's own. None goes to a page; a
page learns that there is one.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ...core.header_values import misfit
from ...native import private_file
from ...native.private_file import NotPrivateError
from ...providers import PROVIDERS, Provider, provider
from ...providers.key_text import tidied
from ...setup.errors import SetupError


class _Own(msgspec.Struct, forbid_unknown_fields=True):
    key: str = ""
    base_url: str = ""


def read_server_keys(file: Path | None, environ: Mapping[str, str]) -> dict[str, Provider]:
    """Give the providers with the server's own keys, by their names; those of the file come first.

    Raises:
        SetupError: The file cannot be read, is open to others, or is no table of keys.
    """
    known = _of_environment(environ)
    if file is None:
        return known
    try:
        table = msgspec.json.decode(private_file.read(file), type=dict[str, str | _Own])
    except (OSError, NotPrivateError) as error:
        raise SetupError(f"The keys cannot be read. {error}") from error
    except msgspec.MsgspecError as error:
        # Nothing of what stands there: it may be a key.
        wanted = 'a JSON object such as {"openai": "sk-…"}'
        raise SetupError(f"{file} is not {wanted}") from error
    for name, told in table.items():
        own = _Own(told) if isinstance(told, str) else told
        if name not in PROVIDERS:
            raise SetupError(f"{file} names no provider: {name}; known: {', '.join(PROVIDERS)}")
        if letter := misfit(tidied(own.key)):
            raise SetupError(f"{file}: the key of {name} holds {letter}, which no key has")
        row = provider(name, base_url=own.base_url, key=tidied(own.key))
        if not row.base_url.startswith(("https://", "http://")):
            raise SetupError(f"{file}: {name} needs a base_url that begins with https://")
        known[name] = row
    return known


def _of_environment(environ: Mapping[str, str]) -> dict[str, Provider]:
    known = {}
    for row in PROVIDERS.values():
        for variable in row.key_variables:
            key = tidied(environ.get(variable, ""))
            if key and not misfit(key):
                known[row.name] = provider(row.name, key=key)
                break
    return known
