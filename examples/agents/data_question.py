"""A question about data, with a table and a plot: python3 serve.py examples/agents/data_question.py

Started with a Python that has pandas and Matplotlib.
"""

from collections.abc import Iterator
from typing import Any

import pandas
from matplotlib.figure import Figure
from tokenfall import step

title = "River desk"

LITRES = pandas.DataFrame(
    {
        "month": ["May", "June", "July", "August"],
        "Isar": [920, 610, 480, 430],
        "Ilz": [31, 22, 14, 12],
    }
).set_index("month")


def answer(message: str) -> Iterator[Any]:
    """Knows how much water two rivers carried this summer. Name one, or ask for both."""
    asked = [river for river in LITRES.columns if river.lower() in message.lower()]
    rivers = asked or list(LITRES.columns)
    with step("look up", {"rivers": rivers}) as found:
        table = LITRES[rivers]
        found.result = f"{len(table)} months"
    yield f"In litres a second, {' and '.join(rivers)} carried:"
    yield table
    figure = Figure(figsize=(6, 2.6), layout="constrained")
    table.plot.bar(ax=figure.add_subplot(), rot=0)
    yield figure
    yield f"Least in {table.sum(axis=1).idxmin()}."
