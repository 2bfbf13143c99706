"""Structured output: a Python type in, its JSON Schema for the model, checked values of it out.

    recipe = Output(Recipe)
    chat = Chat(provider, model, options=Options(output=recipe.format))
    answer = recipe.parse((await chat.ask("A soup, please")).text)

Providers ask for an object at the top; any other type travels as the `value` of one.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec

from ..errors import UsageError
from ..nesting import is_too_deep
from ..options import OutputFormat
from ..tools.checking import Mismatch, checked
from ..tools.schema import Schema, schemas
from ..tools.shapes import adapted
from .partial_json import PartialJson

_T = TypeVar("_T")

_WRAPPED = "value"
_PLAIN = "answer"
# Where an object or a list may begin; each try costs as much as the text is long.
_BEGINNING = re.compile(r"[{\[]")
_MOST_BEGINNINGS = 32
# The text allowed before a list that is the answer itself: a fence.
_NOTHING_SAID = re.compile(r"\s*(```\w*\s*)?")
_DECODER = json.JSONDecoder()
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")


class Output(Generic[_T]):
    """The type that an answer must have. `format` is for `Options.output`: the provider is told of
    it.

    Raises:
        UsageError: JSON has nothing for this type.
    """

    def __init__(self, type: type[_T], *, name: str = "", description: str = "") -> None:
        try:
            self._type = adapted(type)
            (schema,), definitions = schemas([self._type])
        except (TypeError, NameError) as error:
            raise UsageError(f"no answer can be of type {type}: {error}") from error
        self.name = name or getattr(type, "__name__", "answer")
        self._value_schema = schema
        self._is_wrapped = schema.get("type") != "object"
        if self._is_wrapped:
            schema = {
                "type": "object",
                "properties": {_WRAPPED: schema},
                "required": [_WRAPPED],
                "additionalProperties": False,
            }
        self.schema: Schema = schema | ({"$defs": definitions} if definitions else {})
        if description:
            self.schema = {**self.schema, "description": description}

    @property
    def format(self) -> OutputFormat:
        """The format for the provider: a name that all of them take, and the schema."""
        return OutputFormat(_NOT_IN_NAMES.sub("_", self.name)[:64], self.schema)

    def parse(self, text: str) -> _T:
        """Read a whole answer.

        Raises:
            Mismatch: It is not of this type; the message is for the model.
        """
        growing = self.growing()
        growing.feed(text)
        return growing.result()

    def growing(self) -> "Growing[_T]":
        """Begin to read an answer as it comes in."""
        return Growing(self)

    def unwrapped(self, value: Any) -> Any:
        """The part of the JSON that is the value; `UNSET` where it has not begun."""
        if not self._is_wrapped:
            return value
        return value.get(_WRAPPED, msgspec.UNSET) if isinstance(value, dict) else msgspec.UNSET

    @property
    def may_be_bare(self) -> bool:
        """Tell whether a list may come without the object around it."""
        return self._is_wrapped and self._value_schema.get("type") == "array"

    def check(self, value: Any) -> _T:
        """Check and convert a JSON value.

        Raises:
            Mismatch: It is not of this type.
        """
        if value is msgspec.UNSET:
            raise Mismatch("The answer does not fit", [f"{_WRAPPED}: missing"])
        try:
            place = _WRAPPED if self._is_wrapped else _PLAIN
            read: _T = checked(value, self._type, place, self._value_schema)
        except ValueError as error:
            raise Mismatch("The answer does not fit", [str(error)]) from error
        return read


def _values_in(text: str) -> Iterator[Any]:
    """Find the JSON values that begin in a text, from the front, some at most. Parts of a value
    that is cut or broken are not among them.
    """
    if is_too_deep(text.encode("utf-8", "replace")):
        return
    text = text.strip()
    starts = [0, *(found.start() for found in islice(_BEGINNING.finditer(text), _MOST_BEGINNINGS))]
    end = 0
    for start in starts:
        if start < end:
            continue  # inside of what was read
        try:
            value, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            if error.msg.startswith("Unterminated"):
                return
            end = error.pos  # at once where a brace begins no JSON
        else:
            yield value


class Growing(Generic[_T]):
    """An answer that comes in piece by piece.

    Text before the first brace (a code fence, a friendly word) and after the last is passed over.
    `value` is the part that is certain so far, as plain JSON values, unchecked; `UNSET` before
    that.
    """

    def __init__(self, output: Output[_T]) -> None:
        self._output = output
        self._json = PartialJson()
        self._has_begun = False
        self._is_bare = False  # a list without the object around it
        self._said: list[str] = []

    @property
    def value(self) -> Any:
        value = self._json.value
        return value if self._is_bare else self._output.unwrapped(value)

    def feed(self, text: str) -> Any:
        """Take the next piece of the answer's text; return `value`."""
        self._said.append(text)
        if not self._has_begun:
            begin = self._beginning(text)
            if begin < 0:
                return self.value
            self._has_begun = True
            text = text[begin:]
        if not self._json.is_complete:
            self._json.feed(text)
        return self.value

    def _beginning(self, text: str) -> int:
        """Find where the answer begins in the latest piece of text; -1 where it does not."""
        before = "".join(self._said[:-1])
        bracket = text.find("[") if self._output.may_be_bare else -1
        if bracket >= 0 and _NOTHING_SAID.fullmatch(before + text[:bracket]):
            self._is_bare = True
            return bracket
        return text.find("{")

    def result(self) -> _T:
        """Give the checked value, at the end of the answer.

        Where the first brace begins no JSON, or the value came without the object around it, the
        first JSON of this type in the text counts: models that nobody holds to a form write so.

        Raises:
            Mismatch: The answer is cut, or not of this type; the message is for the model, and
                `text` is the answer.
        """
        text = "".join(self._said)
        try:
            return self._expected()
        except Mismatch as mismatch:
            for value in _values_in(text):
                for one in (self._output.unwrapped(value), value):
                    with suppress(Mismatch):
                        return self._output.check(one)
            mismatch.text = text
            raise

    def _expected(self) -> _T:
        if not self._json.is_complete:
            problem = self._json.error or "there is no JSON object"
            if self._has_begun and not self._json.error:
                self._json.close()
                problem = self._json.error
            raise Mismatch("The answer does not fit", [problem])
        return self._output.check(self.value)
