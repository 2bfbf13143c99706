"""The settings of the model's own process. How it starts and ends: test_local_model.py."""

import pytest

from app.native.model_process import threads_for


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 3), (5, 4), (64, 4)])
def test_a_core_is_left_to_the_browser_where_there_is_more_than_one(
    cores: int, threads: int
) -> None:
    assert threads_for(cores) == threads
