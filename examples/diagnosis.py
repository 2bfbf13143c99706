"""Diagnosis of an answer that is not as it should be, and a recording of its bytes.

Prints:

    incomplete: The lamp went
    missing: The connection was closed before the model had finished.
    as recorded: incomplete: The lamp went
"""

import asyncio

from app import Chat, Retries
from app.core.text.diagnosis import diagnose
from app.core.wire.recording_lines import parse_lines, render_lines
from app.scripted.steps import Reply
from app.transports import Recorder, Replay

from .script import MODEL, PROVIDER, STORY, answer, plays


async def main() -> None:
    # A connection that is closed after a few records.
    cut = Reply(steps=answer(STORY).steps[:4])
    recorder = Recorder(plays(cut))
    chat = Chat(PROVIDER, MODEL, transport=recorder, retries=Retries(attempts=0))
    message = await chat.ask("Tell me a story")
    print(f"{message.status}: {message.text}")
    for finding in diagnose(message, deadlines=chat.deadlines, exchanges=recorder.exchanges):
        print(f"{finding.topic}: {finding.what}")  # finding.advice: what to do

    lines = list(render_lines(recorder.exchanges))  # a file, without any key
    again = Chat(PROVIDER, MODEL, transport=Replay(parse_lines(lines)))
    message = await again.ask("Tell me a story")
    print(f"as recorded: {message.status}: {message.text}")


if __name__ == "__main__":
    asyncio.run(main())
