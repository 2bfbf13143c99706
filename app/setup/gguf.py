"""A file of weights of a person's own, as a command line names it."""

from argparse import ArgumentTypeError
from pathlib import Path

OPTION = "--gguf"
METAVAR = "FILE"
HELP = "run this file of weights as the built-in model, in the place of the small one"

# The first bytes of every such file.
_MAGIC = b"GGUF"


def gguf_file(text: str) -> Path:
    """Read the option's value. Raises `ArgumentTypeError` where it names no such file."""
    path = Path(text).expanduser().absolute()
    try:
        with path.open("rb") as file:
            is_gguf = file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise ArgumentTypeError(f"{text} cannot be read: {error.strerror or error}") from error
    if not is_gguf:
        raise ArgumentTypeError(f"{text} is no GGUF file, the kind that llama.cpp runs")
    return path
