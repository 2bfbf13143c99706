"""Finding a model by name: what fits, in which order, and how much of it is shown."""

from app.browser.model_search import Group, Model, recent_first, search

OTTERS = Group(
    "Zoo",
    [Model(f"own {name}", name, "Zoo", "zoo.example") for name in ("big-otter", "otter", "Weasel")],
)
HERE = Group("Here", [Model("demo", "Demo")])


def labels(groups: list[Group]) -> list[tuple[str, list[str]]]:
    return [(group.label, [model.label for model in group.models]) for group in groups]


def test_all_words_are_found_in_name_or_provider_in_any_case() -> None:
    assert labels(search([HERE, OTTERS], "ZOO weas").groups) == [("Zoo", ["Weasel"])]
    assert labels(search([HERE, OTTERS], "weas demo").groups) == []
    assert search([HERE, OTTERS], "  ").groups == [HERE, OTTERS]


def test_names_that_begin_so_come_first() -> None:
    assert labels(search([OTTERS], "otter").groups) == [("Zoo", ["otter", "big-otter"])]


def test_of_a_long_list_the_rest_is_counted() -> None:
    models = [Model(str(number), f"model {number}") for number in range(120)]
    found = search([HERE, Group("Long", models)], "")
    assert len(found.models) == 1 + 50
    assert found.hidden == 70
    assert search([Group("Long", models)], "model 11").hidden == 0


def test_recently_used_ones_are_taken_out_of_their_groups() -> None:
    groups = recent_first("Recent", ["own otter", "gone", "demo"], [HERE, OTTERS])
    assert labels(groups) == [("Recent", ["otter", "Demo"]), ("Zoo", ["big-otter", "Weasel"])]
    assert recent_first("Recent", [], [HERE]) == [HERE]
