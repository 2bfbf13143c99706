from pydantic_ai import Agent
from pydantic_ai.models.function import FunctionModel
from words import words_later


async def model(messages, info):
    async for word in words_later():
        yield word


app = Agent(FunctionModel(stream_function=model)).to_web()
