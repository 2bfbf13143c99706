"""Chats of the server: all of their branches, and each change, for whoever follows them."""

import asyncio
import json
from typing import Any

from msgspec.structs import replace

from app.core.errors import ReadError
from app.core.wire.transport import Request
from app.following.followed_chats import FollowedChats
from app.following.run_server import RunServer
from app.protocols.tokenfall.runs import Change, ChatList
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from tests.server.runs.conftest import Pages, said
from tests.server.runs.test_followed_run import BadNetwork


def asked(pages: Pages, path: list[tuple[str, str]], answer: str, **more: Any) -> str:
    """Have a page ask with its whole conversation: ids and texts, questions and answers in turn.
    The answer is read to its end.
    """
    roles = ("user", "assistant")
    messages = [
        {"role": roles[number % 2], "parts": [{"type": "text", "text": text}]}
        for number, (_, text) in enumerate(path)
    ]
    places = [{"id": id, "created_ms": number} for number, (id, _) in enumerate(path, 1)]
    places.append({"id": answer, "source": "Demo", "created_ms": len(path) + 1})
    body = pages.question() | {"messages": messages, "places": places, "chat": "tree"}
    told = pages.http.post(
        "/api/runs", json=body | {"whole": True} | more, headers={"idempotency-key": answer}
    )
    assert told.status_code == 201, told.text
    run: str = told.json()["id"]
    pages.read(run)
    return run


def chat_of(pages: Pages, chat: str) -> dict[str, Any]:
    answer = pages.http.get(f"/api/chats/{chat}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def text(node: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in node["message"].get("parts", ()))


def test_a_chat_has_all_of_its_branches_where_the_page_keeps_them(pages: Pages):
    call = ToolCall(id="c1", name="double", arguments='{"number": 21}')
    tool = streamed(records(Answer(tool_calls=(call,))))
    pages.server.queue(said("A"), said("B"), said("C"), tool, said("It is 42."))
    asked(pages, [("q1", "one")], "a1")
    asked(pages, [("q1", "one"), ("a1", "A"), ("q2", "two")], "a2")
    asked(pages, [("q1b", "other")], "a1b")
    whole = [("q1", "one"), ("a1", "A"), ("q3", "three")]
    asked(pages, whole, "a3", server_tools=["double"])
    nodes = chat_of(pages, "tree")["nodes"]
    parents = {node["id"]: node.get("parent", "") for node in nodes}
    assert parents == {
        "q1": "",
        "a1": "q1",
        "q2": "a1",
        "a2": "q2",
        "q1b": "",
        "a1b": "q1b",
        "q3": "a1",
        "a3": "q3",
        "a3-2": "a3",
        "a3-3": "a3-2",
    }
    found = {node["id"]: node for node in nodes}
    assert [text(found[id]) for id in ("q1b", "a1b", "a3-3")] == ["other", "C", "It is 42."]
    assert {node.get("run", "") for node in nodes} == {"", "a1", "a2", "a1b", "a3"}
    assert found["a3-2"]["message"]["role"] == "tool"
    assert found["a3"]["source"] == "Demo"
    times = [found[id]["created_ms"] for id in ("q1", "a1", "q2", "a2", "a3", "a3-2", "a3-3")]
    assert times == [1, 2, 3, 4, 4, 5, 6]
    pages.http.delete("/api/chats/tree")


def test_a_deleted_run_names_the_message_that_it_went_with(pages: Pages):
    start = pages.http.get("/api/chats").json()["offset"]
    pages.server.queue(said("A"), said("B"), said("C"))
    asked(pages, [("q1", "one")], "c1")
    asked(pages, [("q1", "one"), ("c1", "A"), ("q2", "two")], "c2")
    asked(pages, [("q1", "one"), ("c1", "A"), ("q3", "three")], "c3")
    for run, message in (("c3", ""), ("c2", "q2"), ("c1", "of nobody")):
        query = {"message": message}
        assert pages.http.delete(f"/api/runs/{run}", params=query).status_code == 204
        ids = [node["id"] for node in chat_of(pages, "tree")["nodes"]] if run != "c1" else []
        assert "q3" not in ids
        assert ("c2" in ids) == ("q2" in ids) == (run == "c3")
    with pages.http.stream("GET", "/api/chats/events", params={"after": start}) as changes:
        lines = (line for line in changes.iter_lines() if line.startswith("data:"))
        told = [json.loads(next(lines)[6:]) for _ in range(9)]
    gone = [one["answer"] for one in told if one["what"] == "deleted"]
    assert gone == ["c3", "q2", "c1"]


def test_questions_that_no_page_keeps_follow_each_other(pages: Pages):
    pages.server.queue(said("A"), said("B", "C", gate="go"))
    begun = pages.begin("one")
    pages.read(begun["id"])
    pages.begin("two", chat=begun["chat"])
    nodes = chat_of(pages, begun["chat"])["nodes"]
    assert [text(node) for node in nodes] == ["one", "A", "two", ""]
    assert [node.get("parent", "") for node in nodes] == ["", *(node["id"] for node in nodes[:3])]
    assert "status" not in nodes[3]["message"]  # it goes on
    pages.server.open_gate("go")
    assert pages.http.delete(f"/api/chats/{begun['chat']}").status_code == 204


def test_what_is_set_of_a_chat_is_kept_told_to_all_and_gone_with_its_last_run(pages: Pages):
    start = pages.http.get("/api/chats").json()["offset"]
    pages.server.queue(said("A"), said("B"))
    run = asked(pages, [("q1", "one")], "f1")

    def put(body: object, chat: str = "tree") -> int:
        return pages.http.patch(f"/api/chats/{chat}", json=body).status_code

    assert put({"title": "Mine", "is_titled": True, "settings": {"temperature": 0.5}}) == 204
    assert put({"pinned": True, "settings": {"stop": None, "extra": {"a": [1]}}}) == 204
    listed = pages.http.get("/api/chats").json()["chats"]
    [line] = [one for one in listed if one["id"] == "tree"]
    assert (line["title"], line["pinned"]) == ("Mine", True)
    known = chat_of(pages, "tree")
    assert known["title"] == "Mine"
    facts = {
        "title": "Mine",
        "is_titled": True,
        "pinned": True,
        "settings": {"temperature": 0.5, "stop": None, "extra": {"a": [1]}},
    }
    assert known["facts"] == facts
    # A new question is one more run of the same chat.
    asked(pages, [("q1", "one"), ("f1", "A"), ("q2", "two")], "f2")
    wrong = [[], {"title": 3}, {"pinned": "yes"}, {"settings": []}, {"title": "x" * 1001}]
    wrong += [{"settings": {name: 1}} for name in ("a.b", "", "A", "x" * 41, "a:b", "a b")]
    assert [put(one) for one in wrong] == [400] * len(wrong)
    assert put({"settings": {"instructions": "x" * 300_000}}) == 413
    assert put({"settings": {f"s{chr(97 + n // 9)}_{'x' * (n % 9)}": n for n in range(50)}}) == 413
    assert put({"title": "x"}, chat="nobody's") == 404
    assert chat_of(pages, "tree")["facts"] == facts
    with pages.http.stream("GET", "/api/chats/events", params={"after": start}) as changes:
        lines = (line for line in changes.iter_lines() if line.startswith("data:"))
        told = [json.loads(next(lines)[6:]) for _ in range(6)]
    assert [one["what"] for one in told] == ["began", "ended", "set", "set", "began", "ended"]
    assert told[2]["facts"] == {
        "title": "Mine",
        "is_titled": True,
        "settings": {"temperature": 0.5},
    }
    assert pages.http.delete("/api/runs/f2").status_code == 204
    assert chat_of(pages, "tree")["facts"] == facts
    assert pages.http.delete(f"/api/runs/{run}").status_code == 204
    pages.server.queue(said("A"))
    asked(pages, [("q1", "one")], "f3")
    known = chat_of(pages, "tree")
    assert (known["title"], known.get("facts", {})) == ("one", {})
    assert put({"pinned": True}) == 204
    assert pages.http.delete("/api/chats/tree").status_code == 204
    assert put({"pinned": True}) == 404


async def test_changes_are_followed_over_lost_connections_and_none_is_missed(pages: Pages):
    """The connection breaks with each request, one byte later each time."""
    start = (await asyncio.to_thread(pages.http.get, "/api/chats")).json()["offset"]
    pages.server.queue(said("A"), said("B"))
    await asyncio.to_thread(asked, pages, [("q1", "one")], "b1")
    await asyncio.to_thread(asked, pages, [("q1", "one"), ("b1", "A"), ("q2", "two")], "b2")
    await asyncio.to_thread(pages.http.delete, "/api/chats/tree")

    def spoil(request: Request, read: int) -> Exception | None:
        return ReadError("cut") if read == 40 * len(network.requests) else None

    network = BadNetwork(spoil)
    server = RunServer(network, f"{pages.server.url}/api", wait=network.wait)
    found = await followed(FollowedChats(server, start), until="deleted")
    told = [(one.what, one.answer, one.status) for one in found if isinstance(one, Change)]
    assert told == [
        ("began", "b1", None),
        ("ended", "b1", "complete"),
        ("began", "b2", None),
        ("ended", "b2", "complete"),
        ("deleted", "", None),
    ]
    assert {(one.chat, one.title) for one in found if isinstance(one, Change)} == {("tree", "one")}
    assert found[-1].run == ""
    assert len(network.requests) > 2
    await network.close()


async def test_a_place_that_the_server_has_not_gives_its_list_and_goes_on_there(pages: Pages):
    network = BadNetwork(lambda request, read: None)
    server = RunServer(network, f"{pages.server.url}/api", wait=network.wait)
    following = FollowedChats(server, "000009-0000000009")
    news = following.news()
    first = await anext(news)
    assert isinstance(first, ChatList)
    assert following.place == first.offset
    await news.aclose()
    pages.server.queue(said("A"))
    begun = await asyncio.to_thread(pages.begin, "later")
    found = await followed(following, until="ended")
    assert [one.what for one in found if isinstance(one, Change)] == ["began", "ended"]
    path = f"/api/runs/{begun['id']}"
    assert (await asyncio.to_thread(pages.http.delete, path)).status_code == 204
    await network.close()


async def followed(following: FollowedChats, until: str) -> list[Any]:
    found: list[Any] = []
    news = following.news()
    async for one in news:
        found.append(one)
        if isinstance(one, Change) and one.what == until:
            break
    await news.aclose()
    return found


async def test_who_is_not_let_in_asks_no_more(pages: Pages):
    network = BadNetwork(lambda request, read: replace(request, url=f"{pages.server.url}/nowhere"))
    server = RunServer(network, f"{pages.server.url}/api", wait=network.wait)
    assert [one async for one in FollowedChats(server).news()] == []
    assert len(network.requests) == 1
    await network.close()
