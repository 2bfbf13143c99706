"""Diagnosis in words, with advice, of an answer that never ends, lacks something, or is slow.

Prints:

    error: The lamp went
    never ends: A deadline ended the wait: The answer stalled: nothing came for 0.01 s.
      Is the provider up? If it only needs longer, give that deadline more seconds.
    missing: The answer failed midway: The answer stalled: nothing came for 0.01 s.
      What came before is kept.
    incomplete: The lamp went
    missing: The connection was closed before the model had finished.
      Ask again; if it happens often, something between (a proxy, a time limit) ends long
      answers.
    complete: The lamp went out. Ines lit four lanterns.
    slow: The first token took 30.0 s, the rest 10.0 s.
      Most of it is reading or queueing: shorten the question or the history, keep its beginning
      the same (so that it is cached), or choose a quicker model.
"""

import asyncio
from textwrap import fill, indent

from app import Chat, Deadlines, Message, Retries, Text
from app.core.messages import Timing
from app.core.text.diagnosis import diagnose
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Stall

from .script import MODEL, PROVIDER, STORY, plays

BEGINNING = records(Answer(text=STORY))[:4]


async def main() -> None:
    deadlines = Deadlines(idle_s=0.01)
    for reply in (streamed([*BEGINNING, Stall()]), streamed(BEGINNING)):
        chat = Chat(
            PROVIDER, MODEL, transport=plays(reply), deadlines=deadlines, retries=Retries(0)
        )
        message = await chat.ask("Tell me a story")
        show(message, deadlines)

    slow = Message("assistant", [Text(STORY)], status="complete", timing=Timing(40, 30))
    show(slow, deadlines)


def show(message: Message, deadlines: Deadlines) -> None:
    print(f"{message.status}: {message.text}")
    for finding in diagnose(message, deadlines=deadlines):
        print(f"{finding.topic}: {finding.what}")
        print(indent(fill(finding.advice, 90), "  "))


if __name__ == "__main__":
    asyncio.run(main())
