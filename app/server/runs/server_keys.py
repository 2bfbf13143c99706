"""The server's own keys of providers: from a file, and from the environment.

    {"openai": "sk-…", "anthropic": "sk-ant-…"}

The file is for its owner only (mode 600). The environment counts only where nobody else is
answered: who starts a server for others has not said that they may spend what the shell holds.
No key goes to a page; a page learns that there is one.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ...core.header_values import misfit
from ...native import private_file
from ...native.private_file import NotPrivateError
from ...providers import PROVIDERS
from ...providers.key_text import tidied
from ...setup.errors import SetupError


def read_server_keys(file: Path | None, environ: Mapping[str, str]) -> dict[str, str]:
    """Give the keys by the names of their providers; those of the file come first.

    Raises:
        SetupError: The file cannot be read, is open to others, or is no table of keys.
    """
    keys = _of_environment(environ)
    if file is None:
        return keys
    try:
        table = msgspec.json.decode(private_file.read(file), type=dict[str, str])
    except (OSError, NotPrivateError) as error:
        raise SetupError(f"The keys cannot be read. {error}") from error
    except msgspec.MsgspecError as error:
        # Nothing of what stands there: it may be a key.
        wanted = 'a JSON object such as {"openai": "sk-…"}'
        raise SetupError(f"{file} is not {wanted}") from error
    for name, key in table.items():
        if name not in PROVIDERS:
            raise SetupError(f"{file} names no provider: {name}; known: {', '.join(PROVIDERS)}")
        if letter := misfit(tidied(key)):
            raise SetupError(f"{file}: the key of {name} holds {letter}, which no key has")
        keys[name] = tidied(key)
    return keys


def _of_environment(environ: Mapping[str, str]) -> dict[str, str]:
    keys = {}
    for row in PROVIDERS.values():
        for variable in row.key_variables:
            key = tidied(environ.get(variable, ""))
            if key and not misfit(key):
                keys[row.name] = key
                break
    return keys
