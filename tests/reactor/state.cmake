# The event log and its projections, without a loop or a stack.
find_package(SQLite3 REQUIRED)
lksctp_add_test(lksctp_reactor_state_tests
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/association_table_property_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/association_table_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/association_totals_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/error_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/event_json_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/event_log_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/event_subscriptions_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/event_text_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/every_body.cc
    ${CMAKE_CURRENT_LIST_DIR}/journal_codec_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/journal_state_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/journal_views_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/random_events.cc
    ${CMAKE_CURRENT_LIST_DIR}/snapshot_json_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/shared_map_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/snapshot_store_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/table_invariants.cc
    ${CMAKE_CURRENT_LIST_DIR}/utf8_test.cc
  LINK lksctp_reactor_test_support SQLite::SQLite3
  PRIVATE_HEADERS reactor)
