"""Which models the server of this page can ask in its place."""

from ..web.page_address import SPACE
from .model_options import AGENT, ModelOption, has_server


def may_be_on_server(option: ModelOption) -> bool:
    """Tell whether the server can give this model's answers. A program that has the page among
    others asks its agent alone.
    """
    return has_server() and option.asked_by_server is not None and (not SPACE or option.id == AGENT)
