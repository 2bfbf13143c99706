"""Files of tools to begin with: name, title, source. Pure."""

from typing import NamedTuple


class Example(NamedTuple):
    name: str
    title: str
    about: str
    source: str


_MARKS = '''"""How a class did in a test."""

from statistics import mean, median


def summarise_marks(points: list[float], maximum: float, pass_percent: float = 50) -> str:
    """Summarise how a class did in a test.

    Args:
        points: What each pupil reached.
        maximum: How many points could be reached.
        pass_percent: From how many per cent on a pupil has passed.
    """
    percents = [100 * each / maximum for each in points]
    passed = sum(percent >= pass_percent for percent in percents)
    return (
        f"{passed} of {len(points)} passed, mean {mean(percents):.1f} %, "
        f"median {median(percents):.1f} %, from {min(percents):.1f} to {max(percents):.1f} %"
    )
'''

_LOAN = '''"""What a loan costs."""

from dataclasses import dataclass
from typing import Literal


@dataclass
class Plan:
    payments: int
    each: float
    interest: float


def plan_loan(
    amount: float,
    yearly_percent: float,
    years: int,
    every: Literal["month", "quarter", "year"] = "month",
) -> Plan:
    """Work out the equal payments that pay a loan back.

    Args:
        amount: The sum that is lent.
        yearly_percent: The interest in per cent a year.
        years: After how many years all is paid back.
        every: How often a payment is made.
    """
    a_year = {"month": 12, "quarter": 4, "year": 1}[every]
    count, rate = years * a_year, yearly_percent / 100 / a_year
    each = amount * rate / (1 - (1 + rate) ** -count) if rate else amount / count
    return Plan(count, round(each, 2), round(each * count - amount, 2))
'''

_WEATHER = '''"""The weather now, from Open-Meteo: free, and without a key."""

from urllib.parse import urlencode

from pyodide.http import pyfetch  # the browser's network, so this file works in the page only


async def weather_now(place: str) -> dict:
    """Tell the temperature, the wind and the rain at a place now.

    Args:
        place: A town, such as Lisbon.
    """
    towns = await _ask("https://geocoding-api.open-meteo.com/v1/search", name=place, count=1)
    if not towns.get("results"):
        raise LookupError(f"There is no town called {place}.")
    town = towns["results"][0]
    found = await _ask(
        "https://api.open-meteo.com/v1/forecast",
        latitude=town["latitude"],
        longitude=town["longitude"],
        current="temperature_2m,wind_speed_10m,precipitation",
    )
    return {"place": town["name"], "country": town.get("country"), **found["current"]}


async def _ask(address: str, **query: object) -> dict:
    response = await pyfetch(f"{address}?{urlencode(query)}")
    response.raise_for_status()
    return await response.json()
'''

EMPTY = '''def my_tool(text: str) -> str:
    """Say here what it does: the model reads this.

    Args:
        text: Say here what it takes.
    """
    return text.upper()
'''

EXAMPLES = (
    Example("marks.py", "Marks of a class", "Takes a list of numbers, gives a sentence.", _MARKS),
    Example("loan.py", "Cost of a loan", "Takes a choice, gives a record.", _LOAN),
    Example("weather.py", "Weather now", "Asks a free web service, Open-Meteo.", _WEATHER),
)
