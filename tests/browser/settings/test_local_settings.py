"""Settings of several tabs over the same entries: each writes what it changed, and nothing else."""

import json
from typing import Any

import pytest

from app.browser.settings.answer_options import Prompt
from app.browser.settings.local_settings import LocalSettings
from app.browser.settings.settings import Connection, Settings, own_id
from tests.browser.settings.entries import SharedEntries

ONE, TWO, THREE = (
    Connection(f"http://localhost:{number}/v1", f"Number {number}", models=["mole"])
    for number in (1, 2, 3)
)

# Another value than the default for each field.
CHANGED: dict[str, Any] = {
    "connections": [ONE],
    "choice": own_id(ONE.base_url, "mole"),
    "recent": ["demo"],
    "instructions": "Be kind.",
    "temperature": 0.5,
    "top_p": 0.9,
    "max_tokens": 9,
    "window": 4096,
    "reasoning_effort": "low",
    "stop": ["END"],
    "extra": {"seed": 7},
    "stall_s": 9.0,
    "tools": ["calculate"],
    "approvals": {"roll_dice": True},
    "sends": {"demo": {"top_p": False}},
    "paste_limit": 5,
    "reads_answers": True,
    "up_recalls": True,
    "formats_questions": False,
    "notifies": True,
    "notifies_with_text": True,
    "notify_asked": True,
    "model_titles": True,
    "draws_diagrams": True,
    "prompts": [Prompt("Kind", "Be kind.")],
    "theme": "dark",
    "streaming": False,
    "sends_by_control": True,
}


def test_every_field_has_its_case() -> None:
    assert CHANGED.keys() == set(Settings.__struct_fields__)


@pytest.mark.parametrize("others_are_heard", [True, False], ids=["heard", "unheard"])
@pytest.mark.parametrize("mine", CHANGED)
def test_what_one_tab_changes_stays_whatever_another_changes(
    mine: str, others_are_heard: bool
) -> None:
    """Also where a tab has not heard yet of the change of the other."""
    entries = SharedEntries()
    first = LocalSettings(entries)
    second = LocalSettings(entries if others_are_heard else entries.stale())
    first.update(**{mine: CHANGED[mine]})
    for other in CHANGED.keys() - {mine}:
        second.update(**{other: CHANGED[other]})
    assert LocalSettings(entries).values == Settings(**CHANGED)
    first.take_in()
    assert first.values == Settings(**CHANGED)


def test_what_the_page_reads_before_python_is_up_is_kept_as_plain_words() -> None:
    entries = SharedEntries()
    settings = LocalSettings(entries)
    settings.update(theme="dark", streaming=False, sends_by_control=True)
    words = {"tokenfall.theme": "dark", "tokenfall.mode": "sync", "tokenfall.send": "control"}
    assert entries.kept == words
    settings.update(theme=Settings().theme, streaming=True, sends_by_control=False)
    assert entries.kept == {"tokenfall.mode": "streaming"}  # no entry stands for the default


@pytest.mark.parametrize("field", CHANGED)
def test_a_change_back_to_the_default_is_kept_too(field: str) -> None:
    entries = SharedEntries()
    settings = LocalSettings(entries)
    settings.update(**CHANGED)
    default = getattr(Settings(), field)
    assert settings.update(**{field: default}) == {field}
    assert getattr(LocalSettings(entries).values, field) == default
    assert settings.update(**{field: default}) == frozenset()


def test_two_tabs_that_each_add_a_provider_a_prompt_and_a_permission_keep_both() -> None:
    entries = SharedEntries()
    first, second = LocalSettings(entries), LocalSettings(entries.stale())
    first.update(connections=[ONE], prompts=[Prompt("A", "a")], approvals={"shout": True})
    second.update(connections=[TWO], prompts=[Prompt("B", "b")], approvals={"yell": False})
    values = LocalSettings(entries).values
    assert {known.base_url for known in values.connections} == {ONE.base_url, TWO.base_url}
    assert {prompt.name for prompt in values.prompts} == {"A", "B"}
    assert values.approvals == {"shout": True, "yell": False}


def test_what_one_tab_removed_is_not_brought_back_by_another() -> None:
    entries = SharedEntries()
    first, second = LocalSettings(entries), LocalSettings(entries)
    prompts = [Prompt("A", "a"), Prompt("B", "b")]
    approvals = {"shout": True, "yell": True}
    first.update(connections=[ONE, TWO], prompts=prompts, approvals=approvals)
    second.take_in()
    first.update(connections=[TWO], prompts=prompts[1:], approvals={"yell": True})
    # The second has not heard it; it learns what the models of both can read, and adds a third.
    windows = {"mole": 4096}
    known = [Connection(one.base_url, one.label, "", ["mole"], windows) for one in (ONE, TWO)]
    second.update(connections=[*known, THREE], prompts=[*prompts, Prompt("C", "c")])
    second.update(approvals={**approvals, "shout": False})
    values = LocalSettings(entries).values
    assert [known.base_url for known in values.connections] == [TWO.base_url, THREE.base_url]
    assert values.connections[0].windows == windows
    assert [prompt.name for prompt in values.prompts] == ["B", "C"]
    assert values.approvals == {"yell": True}


def test_two_tabs_that_change_parts_of_one_provider_keep_both() -> None:
    entries = SharedEntries()
    first, second = LocalSettings(entries), LocalSettings(entries)
    first.update(connections=[ONE])
    second.take_in()
    first.change(
        first.values.with_model(ONE.base_url, "Renamed", "ollama", "badger", via_server=True)
    )
    second.update(connections=[Connection(ONE.base_url, ONE.label, "", ["mole"], {"mole": 9})])
    (known,) = LocalSettings(entries).values.connections
    assert known == Connection(
        ONE.base_url, "Renamed", "ollama", ["badger", "mole"], {"mole": 9}, via_server=True
    )


def test_what_a_later_version_keeps_of_a_provider_stays() -> None:
    entries = SharedEntries()
    settings = LocalSettings(entries)
    settings.update(connections=[ONE])
    (name,) = (name for name in entries.kept if name.endswith(ONE.base_url))
    entries.kept[name] = json.dumps(json.loads(entries.kept[name]) | {"colour": "green"})
    settings.change(settings.values.with_model(ONE.base_url, "One", "", "otter", via_server=False))
    assert json.loads(entries.kept[name])["colour"] == "green"


def test_providers_keep_their_order_also_after_one_came_back() -> None:
    entries = SharedEntries()
    settings = LocalSettings(entries)
    for one in (THREE, ONE, TWO):
        settings.change(settings.values.with_connection(one))
    settings.change(settings.values.without(ONE.base_url))
    settings.change(settings.values.with_connection(ONE, 1))
    kept = LocalSettings(entries).values.connections
    assert kept == settings.values.connections == [THREE, ONE, TWO]


def test_what_a_model_is_sent_goes_with_its_provider_and_is_forgotten_with_it() -> None:
    entries = SharedEntries()
    settings = LocalSettings(entries)
    settings.change(settings.values.with_connection(ONE))
    model = own_id(ONE.base_url, "otter")
    settings.update(sends={model: {"temperature": False}, "demo": {"tools": True}})
    settings.change(settings.values.moved(ONE.base_url, TWO.base_url))
    assert settings.values.sends == {
        own_id(TWO.base_url, "otter"): {"temperature": False},
        "demo": {"tools": True},
    }
    settings.change(settings.values.without(TWO.base_url))
    assert settings.values.sends == {"demo": {"tools": True}}
    assert not [name for name in entries.kept if TWO.base_url in name]


def test_a_change_is_told_once_and_only_where_there_is_one() -> None:
    entries = SharedEntries()
    first, second = LocalSettings(entries), LocalSettings(entries)
    told: list[frozenset[str]] = []
    second.subscribe(told.append)
    first.update(theme="dark", connections=[ONE, TWO], temperature=1.0)
    second.take_in()
    second.take_in()
    second.update(theme="dark")
    assert told == [{"theme", "connections", "temperature"}]
    assert second.values == first.values
    second.update(top_p=0.5)
    assert told[1:] == [{"top_p"}]


def test_which_entries_concern_the_settings() -> None:
    entries = SharedEntries()
    settings = LocalSettings(entries)
    settings.update(**CHANGED)
    assert all(settings.concerns(name) for name in entries.kept)
    assert settings.concerns(None)  # all entries were removed
    assert settings.concerns("tokenfall.settings")  # a tab of 0.1.0
    assert not settings.concerns("tokenfall.tool-files")
    assert not settings.concerns("tokenfall.key:http://localhost:1/v1")


# What 0.1.0 kept, as it wrote it.
OF_0_1_0 = {
    "tokenfall.settings": (
        '{"connections":[{"base_url":"https://api.example.org/v1","label":"Example",'
        '"preset":"other","models":["otter","mole"],"windows":{"otter":8192},"via_server":true},'
        '{"base_url":"http://localhost:1234/v1","label":"localhost:1234","preset":"lmstudio",'
        '"models":[],"windows":{},"via_server":false}],'
        '"choice":"own https://api.example.org/v1 otter",'
        '"recent":["own https://api.example.org/v1 otter","demo"],"instructions":"Be kind.",'
        '"temperature":0.5,"top_p":null,"max_tokens":9,"window":null,"reasoning_effort":null,'
        '"stop":["END"],"extra":{"seed":7},"stall_s":30.0,"tools":["calculate"],'
        '"approvals":{"roll_dice":true,"calculate":false},"paste_limit":0,"reads_answers":true,'
        '"up_recalls":true,"prompts":[{"name":"Kind","text":"Be kind."}]}'
    ),
    "tokenfall.theme": "dark",
    "tokenfall.mode": "sync",
    "tokenfall.send": "control",
}


def test_what_0_1_0_kept_is_read_and_kept_anew() -> None:
    entries = SharedEntries(dict(OF_0_1_0))
    values = LocalSettings(entries).values
    assert "tokenfall.settings" not in entries.kept
    assert [known.label for known in values.connections] == ["Example", "localhost:1234"]
    assert values.connections[0] == Connection(
        "https://api.example.org/v1", "Example", "other", ["otter", "mole"], {"otter": 8192}, True
    )
    assert values.choice == "own https://api.example.org/v1 otter"
    assert (values.temperature, values.top_p, values.max_tokens) == (0.5, None, 9)
    assert (values.stop, values.extra, values.stall_s) == (["END"], {"seed": 7}, 30.0)
    assert (values.paste_limit, values.reads_answers, values.up_recalls) == (0, True, True)
    assert values.approvals == {"roll_dice": True, "calculate": False}
    assert values.prompts == [Prompt("Kind", "Be kind.")]
    assert (values.theme, values.streaming, values.sends_by_control) == ("dark", False, True)
    assert LocalSettings(entries).values == values


def test_a_tab_of_0_1_0_that_saves_takes_nothing_away() -> None:
    entries = SharedEntries()
    settings = LocalSettings(entries)
    settings.update(connections=[ONE], approvals={"shout": True})
    entries.kept["tokenfall.settings"] = OF_0_1_0["tokenfall.settings"]
    settings.take_in()
    labels = {known.label for known in settings.values.connections}
    assert labels == {ONE.label, "Example", "localhost:1234"}
    assert settings.values.approvals["shout"]
    assert settings.values.temperature == 0.5


@pytest.mark.parametrize("whole", ["{", "[]", "null", '{"temperature": "hot", "max_tokens": 9}'])
def test_what_cannot_be_read_takes_nothing_with_it(whole: str) -> None:
    entries = SharedEntries({"tokenfall.settings": whole})
    expected = Settings(max_tokens=9 if "max_tokens" in whole else None)
    assert LocalSettings(entries).values == expected
    entries.put("tokenfall.setting.top_p", "much")
    entries.put(f"tokenfall.setting.connections:{ONE.base_url}", "[]")
    entries.put("tokenfall.setting.connections", "{}")
    entries.put("tokenfall.setting.nobody_knows", "1")
    entries.put("tokenfall.theme", "plaid")
    settings = LocalSettings(entries)
    assert settings.values == expected
    settings.update(temperature=1.0)
    assert entries.kept["tokenfall.setting.top_p"] == "much"


def test_without_room_what_0_1_0_kept_stays_where_it_is() -> None:
    whole = {"tokenfall.settings": OF_0_1_0["tokenfall.settings"]}
    entries = SharedEntries(dict(whole), most=3)
    LocalSettings(entries)
    assert whole.items() <= entries.kept.items()
