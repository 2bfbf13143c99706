"""A file of weights of a person's own, as a command line names it, and whether it is whole.

https://github.com/ggml-org/ggml/blob/master/docs/gguf.md has the form of such files: a head with
two counts, then facts by name, then where each of the weights lies. What only the engine can tell
it tells itself, when it loads the file (`native/local_model`).
"""

import mmap
import struct
from argparse import ArgumentTypeError
from pathlib import Path

OPTION = "--gguf"
METAVAR = "FILE"
HELP = "run this file of weights as the built-in model, in the place of the small one"

# The first bytes of every such file; of what stands in its place in a clone without its large
# files; and the versions that llama.cpp reads.
_MAGIC = b"GGUF"
_POINTER = b"version https://git-lfs"
_VERSIONS = (2, 3)
_HEAD = struct.Struct("<4sIQQ")
_LENGTH = struct.Struct("<Q")
_TYPE = struct.Struct("<I")
_TYPE_AND_LENGTH = struct.Struct("<IQ")
_TYPE_AND_OFFSET = struct.Struct("<IQ")
# The bytes of a fact, by its type; then the types that have a length.
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9
# No model has more facts, weights or dimensions of one.
_MOST = 1_000_000
_MOST_DIMENSIONS = 16
_ARCHITECTURE = b"general.architecture"
# What is beside a model and answers nothing: the eyes of one, or a change to one.
_NO_MODELS = {b"clip": "the part of a model that sees"}
_ADAPTER = b"adapter.type"

_CUT = "ends too early: it was not fetched whole, or is damaged"
_DAMAGED = "is damaged"


class _DamagedError(Exception):
    """Reason why a file can't be run: its message goes on behind the file's name."""


def gguf_file(text: str) -> Path:
    """Read the option's value. Raises `ArgumentTypeError` where it names no such file."""
    path = Path(text).expanduser().absolute()
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise _DamagedError("is no file")  # a pipe would be waited for
        with path.open("rb") as file:
            beginning = file.read(len(_POINTER))
            if not beginning:
                raise _DamagedError("is empty")
            if beginning == _POINTER:
                raise _DamagedError("only points to the weights: fetch them with git lfs pull")
            if not beginning.startswith(_MAGIC):
                raise _DamagedError("is no GGUF file, the kind that llama.cpp runs")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _check(content)
    except _DamagedError as problem:
        raise ArgumentTypeError(f"{text} {problem}") from None
    except OSError as error:
        raise ArgumentTypeError(f"{text} cannot be read: {error.strerror or error}") from error
    return path


def _check(content: mmap.mmap) -> None:
    """Go through a file's head, its facts and the places of its weights.

    Raises:
        _DamagedError: It can't be run.
    """
    try:
        _, version, weights, facts = _HEAD.unpack_from(content)
        if version not in _VERSIONS:
            raise _DamagedError(f"is a GGUF file of version {version}, which is not known here")
        if max(weights, facts) > _MOST:
            raise _DamagedError(_DAMAGED)
        at = _HEAD.size
        for _ in range(facts):
            at = _past_fact(content, at)
        if not weights:
            raise _DamagedError("holds no weights")
        furthest = 0
        for _ in range(weights):
            at, offset = _past_weight(content, at)
            furthest = max(furthest, offset)
        if at + furthest >= len(content):
            raise _DamagedError(_CUT)
    except (struct.error, OverflowError):  # behind the end, and behind all that has an address
        raise _DamagedError(_CUT) from None


def _past_fact(content: mmap.mmap, at: int) -> int:
    name, at = _string(content, at)
    (kind,) = _TYPE.unpack_from(content, at)
    at += _TYPE.size
    if name == _ADAPTER:
        raise _DamagedError("is a change to another model (an adapter), and no model by itself")
    if name == _ARCHITECTURE and kind == _STRING:
        architecture, _ = _string(content, at)
        if architecture in _NO_MODELS:
            raise _DamagedError(f"is {_NO_MODELS[architecture]}, and no model by itself")
    return _past_value(content, at, kind)


def _past_value(content: mmap.mmap, at: int, kind: int) -> int:
    if kind == _STRING:
        return _string_end(content, at)
    if kind != _ARRAY:
        return at + _size_of(kind)
    kind, length = _TYPE_AND_LENGTH.unpack_from(content, at)
    at += _TYPE_AND_LENGTH.size
    if kind == _STRING:
        if length * _LENGTH.size > len(content):
            raise _DamagedError(_CUT)
        for _ in range(length):
            at = _string_end(content, at)
        return at
    return at + int(length) * _size_of(kind)


def _past_weight(content: mmap.mmap, at: int) -> tuple[int, int]:
    """Give where this weight's description ends, and where it lies behind the last of these."""
    at = _string_end(content, at)
    (dimensions,) = _TYPE.unpack_from(content, at)
    if dimensions > _MOST_DIMENSIONS:
        raise _DamagedError(_DAMAGED)
    at += _TYPE.size + dimensions * _LENGTH.size
    _, offset = _TYPE_AND_OFFSET.unpack_from(content, at)
    return at + _TYPE_AND_OFFSET.size, int(offset)


def _string(content: mmap.mmap, at: int) -> tuple[bytes, int]:
    end = _string_end(content, at)
    return content[at + _LENGTH.size : end], end


def _string_end(content: mmap.mmap, at: int) -> int:
    (length,) = _LENGTH.unpack_from(content, at)
    end: int = at + _LENGTH.size + length
    if end > len(content):
        raise _DamagedError(_CUT)
    return end


def _size_of(kind: int) -> int:
    if kind not in _SIZES:
        raise _DamagedError(_DAMAGED)
    return _SIZES[kind]
