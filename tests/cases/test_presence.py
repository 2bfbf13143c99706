"""Presence of the recorded cases. A clone without them says so instead of being silent."""

import pytest

from . import library


def test_the_recorded_cases_are_there():
    if library.FOLDER is None:
        pytest.skip(f"the recorded cases are not here; {library.VARIABLE} names their folder")
    assert library.FOLDER.is_dir(), f"{library.VARIABLE} names a folder that does not exist"
    for protocol in library.PROTOCOLS:
        assert [case for case in library.cases(f"streams/{protocol}") if case.quality == "A"]
    streams = library.of_all_protocols("streams")
    assert [case for case in streams if case.quality == "B"]
    assert library.cases("llamacpp")
    assert library.cases("http-errors/openai-chat")
    assert list(library.tables("sse-conformance", "expect_events"))
    assert list(library.tables("sse-conformance", "expect_lines_incl_eof_flush"))
