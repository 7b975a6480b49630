# Journals as they are read: made by the functions the writer uses.
add_library(lksctp_journal_test_support STATIC
  ${CMAKE_CURRENT_LIST_DIR}/journal_maker.cc)
target_include_directories(lksctp_journal_test_support PUBLIC
  ${CMAKE_CURRENT_LIST_DIR} ${PROJECT_SOURCE_DIR}/reactor/src)
target_link_libraries(lksctp_journal_test_support
  PUBLIC lksctp_reactor_test_support
  PRIVATE lksctp_build_flags GTest::gtest)

lksctp_add_test(lksctp_journal_reader_tests
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/access_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/damage_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/reader_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/replay_test.cc
    ${CMAKE_CURRENT_LIST_DIR}/tail_test.cc
    random_events.cc
  LINK lksctp_journal_test_support)
target_include_directories(lksctp_journal_reader_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(lksctp_journal_reader_tests PRIVATE
  LKSCTP_JOURNAL_LOAD="$<TARGET_FILE:lksctp_journal_load>")
add_dependencies(lksctp_journal_reader_tests lksctp_journal_load)
