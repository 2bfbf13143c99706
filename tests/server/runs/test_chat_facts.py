"""Facts of a chat as the log keeps them: each by its name, and so many of them."""

import msgspec
import pytest

from app.protocols.tokenfall.runs import ChatFacts
from app.server.runs.chat_facts import facts_in, kept_facts
from app.server.runs.refusals import RefusedError


def refused(facts: ChatFacts, known: dict[str, bytes] | None = None) -> int:
    """Give the status of a refusal; 0 where they are kept."""
    try:
        kept_facts(facts, known or {})
    except RefusedError as error:
        return error.status
    return 0


def test_what_was_set_is_kept_by_name_and_read_again() -> None:
    facts = ChatFacts("Mine", pinned=False, settings={"temperature": 0.5, "model": None})
    kept = kept_facts(facts, {})
    assert kept == {
        "title": b'"Mine"',
        "pinned": b"false",
        "settings.temperature": b"0.5",
        "settings.model": b"null",
    }
    assert facts_in(kept) == facts
    assert facts_in({}) == ChatFacts()


@pytest.mark.parametrize(
    ("name", "status"), [("a" * 40, 0), ("a" * 41, 400), ("A", 400), ("", 400)]
)
def test_settings_have_plain_names(name: str, status: int) -> None:
    assert refused(ChatFacts(settings={name: 1})) == status


def test_there_are_so_many_of_a_chat_beside_the_other_facts() -> None:
    def numbered(count: int) -> dict[str, int]:
        return {f"a{'b' * number}": number for number in range(count)}

    fields = len(msgspec.structs.fields(ChatFacts))
    few, rest = numbered(30), {f"c{'d' * number}": 0 for number in range(10 + fields)}
    known = kept_facts(ChatFacts(settings=few), {})
    assert refused(ChatFacts(settings=rest), known) == 0
    assert refused(ChatFacts(settings={**rest, "one": 1}), known) == 413
    assert refused(ChatFacts(settings=few), known) == 0  # they are there already


def test_they_take_so_much_together() -> None:
    known = {"settings.instructions": b"x" * 200_000, "title": b"x" * 60_000}
    for length, status in ((62_142, 0), (62_143, 413)):  # with its quotes, 62,144 letters
        assert refused(ChatFacts(title="t" * length), known) == status
