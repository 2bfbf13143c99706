"""Whatever an export of another app holds, each provider gets a request that it accepts of it."""

import json
import sys
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.messages import user
from app.core.options import Options
from app.history.brought import asked_with, take
from app.history.transfer import ImportProblem
from app.providers import provider
from app.providers.table import PROVIDERS
from tests.history.foreign.files import at_once, lines, taken_in
from tests.providers.request_rules import broken
from tests.providers.test_any_tree import ADDRESSES, MODELS, TOOLS

# Values where a text is expected, and where something else is.
texts: st.SearchStrategy[Any] = st.sampled_from(
    [
        "",
        " \n",
        "Hi",
        "Grüße 😀",
        "<think>So.</think>Yes",
        "\ud83d",
        "a\x00b",
        None,
        5,
        [],
        {},
        True,
    ]
)
ids = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h"])
parents = st.sampled_from(["", "root", None, "a", "b", "c", "d", "e", "f", "g", "nobody"])
call_ids = st.sampled_from(["call_0", "call_0", "", "x" * 300, "née", None, 7])
names = st.sampled_from(["f", "f", "", "browser.tabs open", "n" * 400, "日本", None])
arguments = st.sampled_from(["{}", "", '{"n": ', "null", "[1]", {"n": 1}, None, "[" * 900, [1]])
times = st.sampled_from([None, 0, 1.7e9, 1_700_000_000_000, "2025-01-01T00:00:00Z", "soon", -1])
PICTURE = "data:image/png;base64,AAAA"


def some(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """An object with these fields, of which any may be missing."""
    return st.fixed_dictionaries({}, optional=fields)


def several(one: Any, most: int = 4) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.one_of(one, one, st.sampled_from([None, 5, "x"])), max_size=most)


def each(*kinds: str, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A block of one of these types, or of one that nobody knows."""
    return some(type=st.sampled_from([*kinds, "unheard_of"]), **fields)


results = st.one_of(texts, several(some(type=st.just("text"), text=texts)), st.just({"n": 1}))
chatgpt = st.dictionaries(
    ids,
    some(
        parent=parents,
        message=some(
            author=some(role=st.sampled_from(["user", "assistant", "tool", "system"]), name=names),
            recipient=st.sampled_from(["all", "all", "python", "browser"]),
            content=some(
                content_type=st.sampled_from(["text", "code", "multimodal_text", "thoughts", "x"]),
                parts=several(
                    st.one_of(
                        texts,
                        some(
                            content_type=st.just("image_asset_pointer"),
                            asset_pointer=st.just("file-service://file-1"),
                        ),
                    )
                ),
                text=texts,
                thoughts=several(some(summary=texts, content=texts)),
            ),
            metadata=some(
                attachments=several(some(id=st.just("file-1"), name=names)),
                finish_details=some(type=st.sampled_from(["stop", "interrupted", "max_tokens"])),
            ),
            status=st.sampled_from(["in_progress", "finished_successfully"]),
            create_time=times,
        ),
    ),
    max_size=8,
).map(lambda mapping: [{"title": "T", "mapping": mapping}])
claude = several(
    some(
        uuid=ids,
        parent_message_uuid=parents,
        sender=st.sampled_from(["human", "assistant"]),
        text=texts,
        content=several(
            each(
                *("text", "thinking", "tool_use", "tool_result", "image"),
                text=texts,
                thinking=texts,
                id=call_ids,
                tool_use_id=call_ids,
                name=names,
                input=arguments,
                content=results,
            )
        ),
        attachments=several(some(file_name=names, extracted_content=texts)),
        files=several(some(file_name=names)),
        created_at=times,
    ),
    8,
).map(lambda messages: [{"uuid": "k", "name": "N", "chat_messages": messages}])
folded = st.sampled_from(
    [
        '<details type="tool_calls" done="true" id="call_0" name="f" arguments="&quot;{&quot;" '
        'result="&quot;1&quot;">\n<summary>x</summary>\n</details>Yes',
        '<details type="reasoning" done="false">\n> So',
        '<details type="tool_calls" done="false" name="browser.tabs open">',
    ]
)
items = several(
    each(
        *("message", "reasoning", "function_call", "function_call_output"),
        content=several(each("output_text", text=texts)),
        summary=several(some(text=texts)),
        call_id=call_ids,
        name=names,
        arguments=arguments,
        output=results,
    )
)
open_webui = st.dictionaries(
    ids,
    some(
        parentId=parents,
        role=st.sampled_from(["user", "assistant", "system", "tool"]),
        content=st.one_of(texts, folded),
        output=items,
        files=several(some(type=st.just("image"), url=st.sampled_from([PICTURE, "", "/api/1"]))),
        error=texts,
        done=st.booleans(),
        timestamp=times,
    ),
    max_size=8,
).map(lambda kept: [{"id": "o", "chat": {"title": "T", "history": {"messages": kept}}}])
librechat = several(
    some(
        messageId=ids,
        parentMessageId=parents,
        isCreatedByUser=st.booleans(),
        text=st.one_of(texts, folded),
        content=several(
            each(
                *("text", "think", "tool_call", "image_url", "image_file"),
                text=texts,
                think=texts,
                tool_call=some(id=call_ids, name=names, args=arguments, output=results),
                image_url=some(url=st.just(PICTURE)),
            )
        ),
        error=st.booleans(),
        unfinished=st.booleans(),
        createdAt=times,
    ),
    8,
).map(lambda messages: {"conversationId": "l", "messages": [{"messageId": "z"}, *messages]})
llama_message = some(
    id=ids,
    parent=parents,
    role=st.sampled_from(["user", "assistant", "system", "tool"]),
    content=texts,
    thinking=texts,
    toolCalls=st.one_of(texts, st.just('[{"id": "call_0", "function": {"name": "f"}}]')),
    toolCallId=call_ids,
    extra=several(each("IMAGE", "TEXT", name=names, content=texts, base64Url=st.just(PICTURE))),
    timestamp=times,
)
llamacpp = several(llama_message, 8).map(lambda said: [{"conv": {"id": "v"}, "messages": said}])
# One line a message.
llamacpp_lines = st.lists(llama_message, max_size=8).map(
    lambda said: lines({"type": "conv", "id": "v"}, *[one | {"convId": "v"} for one in said])
)
plain = several(
    some(
        role=st.sampled_from(["user", "assistant", "system", "developer", "tool", "function"]),
        content=st.one_of(
            texts,
            several(
                each(
                    *("text", "tool_use", "tool_result", "image_url", "thinking", "refusal"),
                    text=texts,
                    thinking=texts,
                    refusal=texts,
                    id=call_ids,
                    tool_use_id=call_ids,
                    name=names,
                    input=arguments,
                    content=results,
                    image_url=some(url=st.just(PICTURE)),
                )
            ),
        ),
        tool_calls=several(some(id=call_ids, function=some(name=names, arguments=arguments))),
        tool_call_id=call_ids,
        reasoning_content=texts,
    ),
    8,
).map(lambda said: [{"role": "user", "content": "First."}, *said])

EXPORTS: dict[str, st.SearchStrategy[Any]] = {
    "ChatGPT": chatgpt,
    "Claude": claude,
    "Open WebUI": open_webui,
    "LibreChat": librechat,
    "llama.cpp": llamacpp,
    "llama.cpp, lines": llamacpp_lines,
    "a list of messages": plain,
}


@cache
def rows() -> list[tuple[Any, str]]:
    """Every row of the table, with a model of its protocol."""
    found = [provider(one.name, key="k", base_url=ADDRESSES.get(one.name, "")) for one in
             PROVIDERS.values()]  # fmt: skip
    return [(row, MODELS[row.protocol][0]) for row in found]


@pytest.mark.parametrize("app", EXPORTS)
def test_every_provider_accepts_a_chat_of_another_app(app: str) -> None:
    @settings(
        max_examples=10 if sys.platform == "emscripten" else 60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(EXPORTS[app], st.booleans(), st.booleans())
    def accepts(content: Any, is_taken: bool, has_tools: bool) -> None:
        try:
            trees, _ = at_once(taken_in(content))
        except ImportProblem:  # nothing in it can be read
            return
        for tree in trees:
            ends = [one.id for one in tree.records() if not tree.children(one.id)]
            if is_taken:
                take(tree.chat)
            for end in ends[:2]:
                tree.select(end)
                asked = [*asked_with(tree.chat, tree.path(), "Go on."), user("And now?")]
                for row, model in rows():
                    options = Options(tools=TOOLS if has_tools else [])
                    request = row.render(asked, model=model, options=options, stream=True)
                    said = broken(row, model, json.loads(request.body))
                    assert (row.name, said) == (row.name, [])

    accepts()
