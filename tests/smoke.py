"""`python3 -m tests --smoke`: one test or two of each room, under a minute on an idle machine.

They say quickly that a house stands, not that it is well: CI runs them all. None has several cases,
and those with a browser share two pages.
"""

SMOKE = (
    "tests/test_architecture.py::test_every_package_is_in_the_rules",
    "tests/core/running/test_chat.py::test_streaming_gives_events_as_they_come",
    "tests/core/running/test_tool_runs.py::test_an_async_function",
    "tests/core/structured/test_structured.py::test_an_object_is_asked_for_as_it_is",
    "tests/core/text/test_formatter.py::test_the_standard_formatting",
    "tests/core/tools/test_function_tool.py::test_a_tool_as_the_model_is_told_of_it",
    "tests/core/wire/test_recording.py::test_a_recording_played_back_gives_the_same_events",
    "tests/markdown/test_incomplete.py::test_what_never_closes_is_shown_in_the_end",
    "tests/protocols/test_anthropic.py::test_an_ordinary_stream",
    "tests/protocols/test_openai_chat.py::test_an_ordinary_stream",
    "tests/protocols/test_openai_responses.py::test_an_ordinary_stream",
    "tests/documents/test_reading.py::test_a_pdf_gives_its_pages",
    "tests/providers/test_gateway.py::test_the_model_of_a_named_provider",
    "tests/scripted/test_demo.py::test_it_says_what_it_is_and_what_it_was_told",
    "tests/connections/test_session.py::test_a_conversation",
    "tests/agents/test_agents.py::test_a_step_is_a_call_with_its_result",
    "tests/adapters/test_adapters.py::test_settings_in_a_chain",
    "tests/runs/test_log.py::test_offsets_sort_as_text_and_nothing_else_is_one",
    "tests/python/test_cells.py::test_names_stay_and_the_last_expression_is_the_value",
    "tests/history/test_transfer.py::test_chats_come_in_as_they_went_out",
    "tests/history/test_tree.py::test_what_is_added_is_shown",
    "tests/history/foreign/test_apps.py::test_claude",
    "tests/native/test_http.py::test_chunks_arrive_one_by_one",
    "tests/native/terminal/test_parts.py::test_options_go_over_the_environment",
    "tests/server/test_site.py::test_every_listed_path_is_served",
    "tests/server/runs/test_openapi.py::test_the_file_is_what_the_structs_say",
    "tests/setup/test_steps.py::test_steps_are_done_once_and_in_order",
    # The page's rooms without a page,
    "tests/browser/conversation/answer/test_answer_facts.py::test_the_meter_in_words",
    "tests/browser/conversation/wire/test_wire_rows.py::test_a_refusal_is_shown_and_not_decoded",
    "tests/browser/markdown/test_heading_names.py::test_names_are_as_on_github",
    "tests/browser/net/test_address_policy.py"
    "::test_the_pages_own_server_may_be_called_wherever_it_is",
    "tests/browser/settings/test_answer_options.py"
    "::test_a_chats_own_settings_come_before_the_defaults",
    "tests/browser/tools/documents/test_file_tools.py::test_places_are_listed_and_read",
    "tests/browser/tools/own/test_tool_fields.py::test_each_parameter_is_a_field_of_its_kind",
    "tests/browser/tools/sandbox/test_sandboxed.py::test_a_source_is_described",
    "tests/browser/web/test_key_bindings.py::test_mod_is_command_on_a_mac_and_ctrl_elsewhere",
    # and with one.
    "tests/browser/chats/test_chats.py::test_the_title_is_renamed_where_it_stands",
    "tests/browser/conversation/test_stream.py::test_the_page_says_what_is_going_on",
    "tests/browser/conversation/test_sync.py::test_sync_shows_the_whole_answer_at_once",
    "tests/browser/conversation/composer/test_composer.py"
    "::test_enter_sends_and_shift_enter_makes_a_line",
    "tests/browser/models/test_model_picker.py::test_add_a_provider_leads_to_the_settings",
    "tests/browser/preferences/test_settings.py::test_sections_are_reached_by_keys",
)
