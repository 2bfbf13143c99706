"""Functions of every shape that a tool may have, for `test_peer_schemas` and its recording.

`benchmarks/peers/schemas.py` shows the same functions to the published packages, so nothing here
needs more than Python and msgspec.
"""

import datetime
import decimal
import enum
import pathlib
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import (  # noqa: UP035  # people still write Dict and List
    Annotated,
    Any,
    Dict,
    List,
    Literal,
    NamedTuple,
    NotRequired,
    Optional,
    TypedDict,
    TypeVar,
    Union,
)

import msgspec
from msgspec import Meta

_F = TypeVar("_F", bound=Callable[..., Any])

FUNCTIONS: dict[str, Callable[..., Any]] = {}


def shown(function: _F) -> _F:
    FUNCTIONS[function.__name__] = function
    return function


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Answer(enum.Enum):
    YES = "yes"
    NUMBER = 42


@dataclass
class Point:
    x: float
    y: float


@dataclass
class Place:
    """Somewhere on the map."""

    name: str
    at: Point
    tags: list[str] = field(default_factory=list)
    color: Color = Color.RED


@dataclass
class Tree:
    """A tree of words."""

    word: str
    branches: "list[Tree]" = field(default_factory=list)


@dataclass
class Circle:
    kind: Literal["circle"]
    radius: float


@dataclass
class Square:
    kind: Literal["square"]
    side: float


class Person(TypedDict):
    name: str
    age: int


class Contact(TypedDict):
    email: str
    phone: NotRequired[str]


class Settings(TypedDict, total=False):
    """What may be set."""

    theme: Literal["light", "dark"]
    size: int


class Span(NamedTuple):
    start: int
    end: int


class Item(msgspec.Struct):
    """Something for sale."""

    name: str
    price: float
    stock: int = 0


class Order(msgspec.Struct):
    items: list[Item]
    note: str | None = None


# Plain types


@shown
def no_parameters() -> str:
    """Tell the time."""
    return ""


@shown
def one_string(city: str) -> str:
    """Tell the weather of a city."""
    return city


@shown
def one_integer(count: int) -> int:
    """Count."""
    return count


@shown
def one_number(amount: float) -> float:
    """Weigh."""
    return amount


@shown
def one_boolean(loud: bool) -> bool:
    """Speak."""
    return loud


@shown
def four_plain(a: str, b: int, c: float, d: bool) -> None:
    """Take one of each."""


@shown
def no_docstring(a: str, b: int) -> None:
    pass


@shown
def no_annotations(a, b):
    """Take anything."""


@shown
def any_value(value: Any) -> None:
    """Take anything, and say so."""


@shown
async def asynchronous(url: str) -> str:
    """Fetch a page."""
    return url


# Defaults


@shown
def with_defaults(city: str, days: int = 3, unit: str = "celsius") -> None:
    """Tell the weather of the next days."""


@shown
def only_defaults(a: int = 1, b: float = 2.5, c: bool = False) -> None:
    """Need nothing."""


@shown
def keyword_only(query: str, *, limit: int = 10, exact: bool) -> None:
    """Search."""


@shown
def positional_only(a: int, b: int, /) -> int:
    """Add."""
    return a + b


@shown
def default_list(names: list[str] = ["a"]) -> None:  # noqa: B006
    """Take some names."""


@shown
def default_none_unsaid(name: str = None) -> None:  # type: ignore[assignment]
    """Take a name or none."""


# Optional and unions


@shown
def optional_integer(count: int | None) -> None:
    """Take a number or null."""


@shown
def optional_default(count: int | None = None) -> None:
    """Take a number, or nothing."""


@shown
def optional_old(name: Optional[str] = None) -> None:  # noqa: UP045
    """Take a name, or nothing."""


@shown
def union_plain(value: int | str) -> None:
    """Take a number or a word."""


@shown
def union_old(value: Union[float, bool, None]) -> None:  # noqa: UP007
    """Take a number, yes or no, or null."""


@shown
def union_list(value: str | list[str]) -> None:
    """Take one or several."""


@shown
def union_lists(values: list[int] | list[str]) -> None:
    """Take numbers or words."""


@shown
def union_dataclasses(shape: Circle | Square, scale: float) -> None:
    """Draw a shape."""


@shown
def union_in_list(shapes: list[Circle | Square], scale: float) -> None:
    """Draw shapes."""


@shown
def union_date_or_word(when: datetime.date | str, why: str) -> None:
    """Take a date, or words for one."""


@shown
def optional_dataclass(label: str, at: Point | None = None) -> None:
    """Set a mark."""


# Choices


@shown
def literal_strings(unit: Literal["kelvin", "celsius"]) -> None:
    """Choose a unit."""


@shown
def literal_integers(sides: Literal[6, 20, 12]) -> None:
    """Choose a die."""


@shown
def literal_single(kind: Literal["only"]) -> None:
    """Choose the only one."""


@shown
def literal_mixed(value: Literal["auto", 1, 2]) -> None:
    """Choose auto or a number."""


@shown
def literal_optional(unit: Literal["a", "b"] | None = None) -> None:
    """Choose or not."""


@shown
def enum_strings(color: Color) -> None:
    """Choose a colour."""


@shown
def enum_integers(level: Level) -> None:
    """Choose a level."""


@shown
def enum_mixed(answer: Answer) -> None:
    """Choose an answer."""


@shown
def enum_default(color: Color = Color.GREEN) -> None:
    """Choose a colour, or green."""


@shown
def enum_list(colors: list[Color]) -> None:
    """Choose colours."""


# Containers


@shown
def list_bare(values: list) -> None:
    """Take a list."""


@shown
def list_strings(names: list[str]) -> None:
    """Take names."""


@shown
def list_old(names: List[int]) -> None:  # noqa: UP006
    """Take numbers."""


@shown
def list_nested(rows: list[list[float]]) -> None:
    """Take a table."""


@shown
def dict_bare(values: dict) -> None:
    """Take an object."""


@shown
def dict_integers(counts: dict[str, int]) -> None:
    """Take counts."""


@shown
def dict_old(counts: Dict[str, float]) -> None:  # noqa: UP006
    """Take weights."""


@shown
def dict_anything(values: dict[str, Any]) -> None:
    """Take an object of anything."""


@shown
def dict_lists(groups: dict[str, list[str]]) -> None:
    """Take groups."""


@shown
def tuple_fixed(pair: tuple[int, str]) -> None:
    """Take a pair."""


@shown
def tuple_any_length(values: tuple[int, ...]) -> None:
    """Take numbers."""


@shown
def set_strings(names: set[str], frozen: frozenset[int]) -> None:
    """Take each once."""


@shown
def abstract_containers(
    names: Sequence[str], counts: Mapping[str, int], rest: Iterable[int]
) -> None:
    """Take what behaves like them."""


@shown
def named_tuple(span: Span, text: str) -> None:
    """Cut a text."""


# Classes


@shown
def dataclass_alone(point: Point) -> None:
    """Go there."""


@shown
def dataclass_and_more(point: Point, speed: float) -> None:
    """Go there, so fast."""


@shown
def dataclass_nested(place: Place, note: str) -> None:
    """Note a place."""


@shown
def dataclass_list(places: list[Place], note: str) -> None:
    """Note places."""


@shown
def dataclass_recursive(tree: Tree, depth: int) -> None:
    """Climb a tree."""


@shown
def dataclass_twice(start: Point, end: Point) -> None:
    """Go from here to there."""


@shown
def typed_dict(person: Person, greeting: str) -> None:
    """Greet someone."""


@shown
def typed_dict_partial(contact: Contact, settings: Settings) -> None:
    """Change the settings of a contact."""


@shown
def struct(item: Item, count: int) -> None:
    """Buy something."""


@shown
def struct_nested(order: Order, urgent: bool) -> None:
    """Place an order."""


# Values with a format


@shown
def dates(day: datetime.date, at: datetime.datetime, time: datetime.time) -> None:
    """Make an appointment."""


@shown
def duration(length: datetime.timedelta) -> None:
    """Wait."""


@shown
def identifier(id: uuid.UUID) -> None:
    """Look it up."""


@shown
def exact(amount: decimal.Decimal) -> None:
    """Pay."""


@shown
def raw_bytes(data: bytes) -> None:
    """Store."""


@shown
def path(file: pathlib.Path) -> None:
    """Open a file."""


# Words and bounds


@shown
def annotated_words(city: Annotated[str, "The city's name"], days: int) -> None:
    """Tell the weather."""


@shown
def annotated_meta(city: Annotated[str, Meta(description="The city's name")]) -> None:
    """Tell the weather."""


@shown
def annotated_bounds(
    count: Annotated[int, Meta(ge=1, le=100)],
    share: Annotated[float, Meta(gt=0, lt=1)],
    even: Annotated[int, Meta(multiple_of=2)],
) -> None:
    """Take numbers within bounds."""


@shown
def annotated_lengths(
    code: Annotated[str, Meta(min_length=2, max_length=5, pattern="^[A-Z]+$")],
    names: Annotated[list[str], Meta(min_length=1, max_length=3)],
) -> None:
    """Take words within bounds."""


@shown
def annotated_optional(count: Annotated[int | None, Meta(ge=1, description="How many")]) -> None:
    """Take a number within bounds, or null."""


@shown
def annotated_inside(counts: list[Annotated[int, Meta(ge=0)]]) -> None:
    """Take numbers within bounds."""


@shown
def google_style(city: str, days: int = 3) -> str:
    """Tell the weather of a city.

    It is made up, and differs from day to day.

    Args:
        city: The city's name.
        days: How many days ahead.
    """
    return ""


@shown
def google_with_returns(city: str, country: str) -> str:
    """Tell the weather of a city.

    Args:
        city (str): The city's name.
        country (str): Its country.

    Returns:
        str: What the weather will be.

    Raises:
        ValueError: There is no such city.
    """
    return ""


@shown
def google_long_words(query: str, limit: int) -> None:
    """Search.

    Args:
        query: What to look for: words, or a phrase
            in quotes.
        limit: How many (1 to 10).
    """


@shown
def google_some_words(a: int, b: int) -> None:
    """Add.

    Args:
        a: The first number.
    """


@shown
def numpy_style(city: str, days: int = 3) -> None:
    """Tell the weather of a city.

    It is made up, and differs from day to day.

    Parameters
    ----------
    city : str
        The city's name.
    days : int, optional
        How many days ahead.
    """


@shown
def numpy_with_returns(x: float, y: float) -> float:
    """Add two numbers.

    Parameters
    ----------
    x : float
        The first number.
    y : float
        The second number,
        which may be negative.

    Returns
    -------
    float
        The sum.
    """
    return x + y


@shown
def several_paragraphs(a: int) -> None:
    """Do something.

    The first paragraph
    has two lines.

    The second has one.
    """


@shown
def words_for_a_class(point: Point, label: str) -> None:
    """Set a mark.

    Args:
        point: Where it is.
        label: What it says.
    """
