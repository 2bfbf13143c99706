"""AG-UI: the protocol between a front end and an agent, both ways.

A request is one POST of a run's input to the agent's own address; the answer is always a stream of
server-sent events, each a JSON object with its `type`. The agent runs its own tools; those that the
request offers are the front end's, and their results go with the next request.

Source: https://docs.ag-ui.com (version 1.0).
"""

from ..openai_style import authorization
from .agent_input import AgentInput, parse_request
from .decoder import Decoder
from .request import MODELS_PATH, NAME, parse_models, render
from .writing import Writer

__all__ = [
    "MODELS_PATH",
    "NAME",
    "AgentInput",
    "Decoder",
    "Writer",
    "authorization",
    "parse_models",
    "parse_request",
    "render",
]
