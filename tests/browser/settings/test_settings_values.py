"""A person's settings as values: what choosing, moving and removing a provider changes."""

import msgspec

from app.browser.settings.settings import MODELS_KEPT, Connection, Settings, own_id
from app.providers.model_facts import ModelFacts

ONE, TWO, NEW = "https://one.example/v1", "https://two.example/v1", "https://new.example/v1"
FACTS = ModelFacts(window=9000)
CHOSEN = Settings(
    connections=[
        Connection(ONE, "One", models=["a", "b"], facts={"a": FACTS}, windows={"b": 7}),
        Connection(TWO, "Two", models=["c"]),
    ],
    choice=own_id(ONE, "a"),
    recent=[own_id(ONE, "a"), own_id(TWO, "c"), "demo"],
    sends={own_id(ONE, "a"): {"stop": False}, own_id(TWO, "c"): {"seed": True}},
)


def addresses(settings: Settings) -> list[str]:
    return [known.base_url for known in settings.connections]


def test_a_provider_takes_the_place_of_the_one_at_its_address() -> None:
    assert addresses(CHOSEN.with_connection(Connection(NEW, "New"))) == [ONE, TWO, NEW]
    assert addresses(CHOSEN.with_connection(Connection(NEW, "New"), at=0)) == [NEW, ONE, TWO]
    assert addresses(CHOSEN.with_connection(Connection(NEW, "New"), at=1)) == [ONE, NEW, TWO]
    again = CHOSEN.with_connection(Connection(ONE, "Renamed"), at=1)
    assert [known.label for known in again.connections] == ["Renamed", "Two"]
    assert CHOSEN.connection(NEW) is None
    assert addresses(CHOSEN) == [ONE, TWO]


def test_facts_of_a_model_as_far_as_they_are_kept() -> None:
    one, _ = CHOSEN.connections
    assert one.facts_of("a") == FACTS
    assert one.facts_of("b") == ModelFacts(window=7)
    assert one.facts_of("z") == ModelFacts()


def test_a_model_that_is_chosen_stands_first_and_the_oldest_goes() -> None:
    settings = CHOSEN.with_model(ONE, "Uno", "preset", "b", via_server=True)
    one = settings.connections[0]
    assert (one.label, one.preset, one.models, one.via_server) == (
        *("Uno", "preset", ["b", "a"], True),
    )
    for number in range(MODELS_KEPT):
        settings = settings.with_model(ONE, "Uno", "", f"m{number}", via_server=False)
    kept = settings.connections[0].models
    assert kept == [f"m{number}" for number in reversed(range(MODELS_KEPT))]
    new = CHOSEN.with_model(NEW, "New", "", "x", via_server=False).connections[-1]
    assert (new.base_url, new.models, new.on_server) == (NEW, ["x"], None)


def test_where_its_answers_are_given_stays_until_somebody_says_otherwise() -> None:
    settings = CHOSEN.with_model(ONE, "One", "", "a", via_server=True, on_server=True)
    assert settings.connections[0].on_server is True
    settings = settings.with_model(ONE, "One", "", "b", via_server=True)
    assert settings.connections[0].on_server is True
    settings = settings.with_model(ONE, "One", "", "b", via_server=True, on_server=False)
    assert settings.connections[0].on_server is False


def test_the_last_five_choices_are_kept_each_once() -> None:
    settings = Settings()
    for id in ("a", "b", "c", "d", "e", "f", "c"):
        settings = settings.with_choice(id)
    assert (settings.choice, settings.recent) == ("c", ["c", "f", "e", "d", "b"])


def test_a_provider_that_moves_takes_its_models_and_what_was_chosen_along() -> None:
    moved = CHOSEN.moved(ONE, NEW)
    assert addresses(moved) == [NEW, TWO]
    one = moved.connections[0]
    assert (one.label, one.models, one.facts, one.windows) == ("One", ["a", "b"], {}, {})
    assert moved.choice == own_id(NEW, "a")
    assert moved.recent == [own_id(NEW, "a"), own_id(TWO, "c"), "demo"]
    assert moved.sends == {
        own_id(NEW, "a"): {"stop": False},
        own_id(TWO, "c"): {"seed": True},
    }
    assert addresses(CHOSEN.moved(ONE, TWO)) == [TWO]
    assert CHOSEN.moved(ONE, TWO).connections[0].label == "One"
    assert CHOSEN.moved(ONE, ONE) is CHOSEN
    assert CHOSEN.moved(NEW, ONE) is CHOSEN


def test_a_provider_that_goes_takes_what_was_chosen_of_it_along() -> None:
    left = CHOSEN.without(ONE)
    assert (addresses(left), left.choice) == ([TWO], "")
    assert left.recent == [own_id(TWO, "c"), "demo"]
    assert left.sends == {own_id(TWO, "c"): {"seed": True}}
    assert CHOSEN.without(TWO).choice == own_id(ONE, "a")


def test_what_a_page_does_before_anybody_chose() -> None:
    assert msgspec.structs.asdict(Settings()) == {
        **dict.fromkeys(("instructions", "temperature", "top_p", "max_tokens", "window")),
        **dict.fromkeys(("reasoning_effort", "stop", "extra", "stall_s", "tools")),
        **{"connections": [], "recent": [], "prompts": [], "choice": ""},
        **{"approvals": {}, "sends": {}, "paste_limit": 4000},
        **{"reads_answers": False, "up_recalls": False, "formats_questions": True},
        **{"notifies": False, "notifies_with_text": False, "notify_asked": False},
        **{"model_titles": False, "draws_diagrams": False, "sends_by_control": False},
        **{"theme": "system", "streaming": True},
    }
    connection = Connection(ONE, "One")
    assert (connection.models, connection.via_server, connection.on_server) == ([], False, None)
