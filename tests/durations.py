"""Durations of the longest files with a browser, so that runs which share the tests end together.

In processor seconds, as measured once; only their order counts. Files that are not here take less,
and come after them. A file that has grown long belongs here.
"""

SECONDS = {
    "tests/browser/tools/own/test_own_tools.py": 135,
    "tests/browser/chats/test_chats.py": 85,
    "tests/browser/page/test_offline.py": 74,
    "tests/browser/storage/test_two_tabs.py": 69,
    "tests/browser/storage/test_storage.py": 61,
    "tests/every_browser/test_every_browser.py": 60,
    "tests/browser/preferences/test_chat_settings.py": 56,
    "tests/browser/conversation/test_coming_back.py": 50,
    "tests/browser/page/test_start.py": 45,
    "tests/browser/consent/test_consent.py": 45,
    "tests/browser/page/test_small_things.py": 42,
    "tests/browser/page/test_export.py": 41,
    "tests/browser/models/test_model_picker.py": 40,
    "tests/browser/models/test_providers.py": 38,
    "tests/browser/conversation/test_tool_calls.py": 36,
    "tests/browser/preferences/test_settings.py": 31,
    "tests/browser/markdown/test_markdown_suites.py": 30,
    "tests/browser/conversation/composer/test_attachments.py": 29,
    "tests/browser/models/test_built_in_model.py": 29,
    "tests/browser/settings/test_remembered_keys.py": 28,
    "tests/browser/page/test_bounds.py": 25,
    "tests/browser/page/test_accessible_states.py": 25,
    "tests/browser/page/test_layout.py": 24,
    "tests/browser/page/test_look.py": 24,
    "tests/browser/conversation/test_errors.py": 23,
    "tests/browser/markdown/test_hostile_text.py": 22,
    "tests/browser/conversation/test_long_answer.py": 21,
    "tests/browser/markdown/test_code_actions.py": 20,
}
