"""Finding a model by name: what fits, in which order, and how much of it is shown."""

from app.browser.models.model_search import Group, Model, models_of, recent_of, search

OTTERS = Group(
    "Zoo",
    [Model(f"own {name}", name, "Zoo", "zoo.example") for name in ("big-otter", "otter", "Weasel")],
)
HERE = Group("Here", [Model("demo", "Demo")])


def labels(groups: list[Group]) -> list[tuple[str, list[str]]]:
    return [(group.label, [model.label for model in group.models]) for group in groups]


def test_all_words_are_found_in_name_or_provider_in_any_case() -> None:
    assert labels(search([HERE, OTTERS], "ZOO weas")) == [("Zoo", ["Weasel"])]
    assert labels(search([HERE, OTTERS], "weas demo")) == []
    assert search([HERE, OTTERS], "  ") == [HERE, OTTERS]


def test_names_that_begin_so_come_first() -> None:
    assert labels(search([OTTERS], "otter")) == [("Zoo", ["otter", "big-otter"])]


def test_of_a_long_list_all_is_found() -> None:
    models = [Model(str(number), f"model {number}") for number in range(3000)]
    assert len(models_of(search([HERE, Group("Long", models)], ""))) == 3001


def test_recently_used_ones_are_a_group_of_their_own() -> None:
    recent = recent_of("Recent", ["own otter", "gone", "demo"], [HERE, OTTERS])
    assert labels([recent]) == [("Recent", ["otter", "Demo"])]
    assert search([recent_of("Recent", [], [HERE]), HERE], "") == [HERE]
