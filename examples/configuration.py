"""Provider, model and settings from environment variables; changed step by step.

Prints:

    Groq, openai/gpt-oss-20b, temperature 0.2
    The lamp went out. Ines lit four lanterns.
    set GROQ_API_KEY or TOKENFALL_API_KEY: Groq needs a key, to be had at https://console.groq.com/keys
"""

import asyncio

from app import Config
from app.errors import UsageError

from .script import STORY, plays

# Leave it out, and the process's own environment is read.
ENVIRONMENT = {"GROQ_API_KEY": "a-key", "TOKENFALL_TEMPERATURE": "0.2"}


async def main() -> None:
    config = Config.from_env(ENVIRONMENT)
    print(f"{config.provider.label}, {config.model}, temperature {config.options.temperature}")

    chat = config.with_temperature(0.7).with_max_tokens(100).chat(transport=plays(STORY))
    message = await chat.ask("Tell me a story")
    print(message.text)

    try:
        Config.from_env({"TOKENFALL_PROVIDER": "groq"})
    except UsageError as missing:
        print(missing)


if __name__ == "__main__":
    asyncio.run(main())
