import chainlit
from words import words_later


@chainlit.on_message
async def answer(message):
    reply = chainlit.Message("")
    async for word in words_later():
        await reply.stream_token(word)
    await reply.update()
