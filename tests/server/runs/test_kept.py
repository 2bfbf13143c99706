"""Large files of an answer lie beside its events, and come back to who is asked about them."""

import pytest

from app.core.events import ContentDelta
from app.core.messages import File, Text, user
from app.runs.memory import MemoryLog
from app.server.runs import kept as keeping
from app.server.runs.kept import by_reference, with_files
from app.server.runs.refusals import RefusedError
from tests.runs.stores import record

HEAD = "data:text/plain,"


async def log_with_run() -> MemoryLog:
    log = MemoryLog()
    await log.create(record("r1", "ada"), "w1")
    return log


async def referred(log: MemoryLog, url: str) -> File:
    said = ContentDelta("Here:")
    text, file = await by_reference(log, "r1", [said, File(url)])
    assert text is said
    assert isinstance(file, File)
    return file


async def test_what_is_longer_than_a_page_lies_apart() -> None:
    log = await log_with_run()
    short = HEAD + "a" * (64 * 1024 - len(HEAD))
    assert (await referred(log, short)).url == short
    file = await referred(log, short + "a")
    assert file.url.startswith("api/runs/r1/payloads/")
    assert file.mime_type == "text/plain"
    payload = await log.payload("r1", file.url.rpartition("/")[2])
    assert payload is not None
    assert payload.data == (short + "a").removeprefix(HEAD).encode()


@pytest.mark.parametrize(
    "url", ["https://a.example/" + "a" * 70_000, "data:;base64," + "%" * 70_000]
)
async def test_what_holds_no_bytes_stays_as_it_is(url: str) -> None:
    assert (await referred(await log_with_run(), url)).url == url


async def test_files_of_a_question_come_back_to_their_owner_as_far_as_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = await log_with_run()
    file = await referred(log, HEAD + "a" * 70_000)
    question = user([Text("What?"), file, file])
    monkeypatch.setattr(keeping, "_MOST_FILE_BYTES", 140_000)
    [asked] = await with_files(log, "ada", [question])
    assert [one.url.partition(",")[0] for one in asked.files] == ["data:text/plain;base64"] * 2
    assert asked.text == "What?"
    assert await with_files(log, "bob", [question]) == [question]
    monkeypatch.setattr(keeping, "_MOST_FILE_BYTES", 139_999)
    with pytest.raises(RefusedError) as refused:
        await with_files(log, "ada", [question])
    assert refused.value.status == 413
