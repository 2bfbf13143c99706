"""A background job streams: kept as it comes, broadcast to every open page, there after a reload.

This is what `serve.py` does at `POST /api/runs`; pages read `/api/runs/{id}/events`, and with
`?format=simple` in the form of RubyLLM's endpoint. A page's part in it:

    source = new EventSource(`api/runs/${id}/events?format=simple`)
    source.onmessage = (event) => show(JSON.parse(event.data))
    source.addEventListener("complete", () => source.close())
    source.addEventListener("error", (event) => fail(JSON.parse(event.data).partial))

Prints:

    the request has returned
    page 1: The lamp went out. Ines lit four lanterns.
    page 2: The lamp went out. Ines lit four lanterns.
    a page that comes back after event 4: went out. Ines lit four lanterns.
    kept: complete, The lamp went out. Ines lit four lanterns.
    data: "The"
    event: complete
    event: error, The connection broke in the middle of the answer.
    what had come: The lamp
"""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path
from tempfile import TemporaryDirectory

from app import Chat
from app.runs.feeds import Behind, Feeds, Told, kept
from app.runs.log import RunLog, RunRecord, events_of
from app.runs.offsets import START, Offset
from app.runs.sqlite import SQLiteLog
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Cut
from app.server.runs.budgets import Patience
from app.server.runs.kept import answer_so_far, events_in
from app.server.runs.metrics import Metrics
from app.server.runs.runner import Runner
from app.server.runs.views import Simple

from .script import MODEL, PROVIDER, STORY, plays


async def page(feeds: Feeds, run: str, after: Offset = START) -> str:
    """Show what is broadcast, to the end of the answer."""
    text = ""
    async with aclosing(feeds.follow(events_of(run), after)) as parts:
        async for part in parts:
            if isinstance(part, Told):
                continue
            for entry in part.entries if isinstance(part, Behind) else part:
                for event in events_in(entry.lines()):
                    text += getattr(event, "text", "")
                    if type(event).__name__ == "Done":
                        return text
    return text


async def simple(log: RunLog, run: str) -> list[str]:
    """The same as RubyLLM's endpoint writes it, record by record."""
    view = Simple()
    written = b"".join([view.entry(entry) async for entry in kept(log, events_of(run))])
    return written.decode().split("\n\n")[:-1]


async def main() -> None:
    with TemporaryDirectory() as folder:
        log = SQLiteLog(Path(folder) / "runs.db")
        feeds = Feeds(log)
        runner = Runner(log, feeds, Metrics(), Patience())

        chat = Chat(PROVIDER, MODEL, transport=plays(STORY))
        job = RunRecord("r1", owner="me", chat="c1")
        await runner.start(job, chat.stream("Tell me a story"), on_end=lambda: None)
        print("the request has returned")

        for number, text in enumerate(
            await asyncio.gather(page(feeds, "r1"), page(feeds, "r1")), 1
        ):
            print(f"page {number}: {text}")
        late = await page(feeds, "r1", after=Offset(epoch=1, number=4))
        print(f"a page that comes back after event 4:{late}")
        message, _ = await answer_so_far(log, "r1")
        print(f"kept: {message.status}, {message.text}")

        first, *_, last = await simple(log, "r1")
        print(first.splitlines()[-1])
        print(last.splitlines()[1])

        broken = streamed([*records(Answer(text=STORY))[:3], Cut()])
        chat = Chat(PROVIDER, MODEL, transport=plays(broken))
        job = RunRecord("r2", owner="me", chat="c2")
        await runner.start(job, chat.stream("Again"), on_end=lambda: None)
        await page(feeds, "r2")
        _, event, data = (await simple(log, "r2"))[-1].splitlines()
        failed = json.loads(data.removeprefix("data: "))
        print(f"{event}, {failed['message']}")
        print(f"what had come: {failed['partial']}")

        await runner.close()
        await feeds.close()
        await log.close()


if __name__ == "__main__":
    asyncio.run(main())
