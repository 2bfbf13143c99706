"""Tools of the page: what they do where a model leaves something out."""

import json

from app.browser.tools.page_tools import roll_dice
from app.core.tools.function_tool import run


async def test_one_die_of_six_sides_is_rolled_where_nothing_else_is_said() -> None:
    properties = roll_dice.parameters["properties"]
    assert (properties["count"]["default"], properties["sides"]["default"]) == (1, 6)
    rolled = json.loads((await run(roll_dice, "{}")).content)
    assert [1 <= value <= 6 for value in rolled["rolled"]] == [True]
