# What every target of this project has in common: warnings, sanitizers, and the
# one shape of a room (static library, public headers, namespaced alias, install).

add_library(lksctp_build_flags INTERFACE)
# Options are structs to be filled by name, `{.port = 2905}`; GCC alone warns about
# the members left at their defaults.
target_compile_options(lksctp_build_flags INTERFACE -Wall -Wextra -Wconversion
  -Wno-missing-field-initializers)
if(LKSCTP_WERROR)
  target_compile_options(lksctp_build_flags INTERFACE -Werror)
endif()
# For the whole tree and not in the flags above: a program that links an
# instrumented library must be instrumented too.
if(LKSCTP_SANITIZE)
  add_compile_options(-fsanitize=${LKSCTP_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LKSCTP_SANITIZE})
  if(LKSCTP_SANITIZE MATCHES "undefined")
    # It looks at memory through a pipe, and calls every object bad once a test
    # has used up all file descriptors.
    add_compile_options(-fno-sanitize=vptr)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      add_compile_options(
        "-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/sanitizer-ignorelist.txt")
    else()
      # It has no such list; see there.
      add_compile_options(-fno-sanitize=pointer-overflow)
    endif()
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND LKSCTP_SANITIZE MATCHES "undefined")
    # With these GCC 12 takes the address of a function for no constant (its bug
    # 71962), and the decoder's table is made of them.
    add_compile_options(-fno-sanitize=null,nonnull-attribute,returns-nonnull-attribute)
  endif()
endif()
if(LKSCTP_BUILD_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "LKSCTP_BUILD_FUZZERS needs Clang: libFuzzer is part of it")
  endif()
  # Coverage feedback for the code under test; the fuzzers add the engine.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# lksctp_add_room(NAME SOURCES ... PUBLIC_LINK ... PRIVATE_LINK ...)
#
# Makes the static library `lksctp_NAME` with the alias `lksctp::NAME`, its public
# headers in `include/`, its private ones in `src/`, and installs both.
function(lksctp_add_room name)
  cmake_parse_arguments(ROOM "" "INCLUDE_DIR" "SOURCES;PUBLIC_LINK;PRIVATE_LINK" ${ARGN})
  if(NOT ROOM_INCLUDE_DIR)
    set(ROOM_INCLUDE_DIR include)
  endif()
  set(target lksctp_${name})
  add_library(${target} STATIC ${ROOM_SOURCES})
  add_library(lksctp::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target}
    PUBLIC
      $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${ROOM_INCLUDE_DIR}>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(${target}
    PUBLIC ${ROOM_PUBLIC_LINK}
    PRIVATE $<BUILD_INTERFACE:lksctp_build_flags> ${ROOM_PRIVATE_LINK})
  install(TARGETS ${target} EXPORT lksctpTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${ROOM_INCLUDE_DIR}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()

# lksctp_add_test(NAME SOURCES ... LINK ... [PRIVATE_HEADERS room ...]
#                 [KERNEL | KERNEL_ONLY] [PROPERTIES ...])
#
# Makes the GoogleTest program NAME; every case of it is a CTest test. PROPERTIES
# go to each of them (TIMEOUT 30, LABELS slow, RESOURCE_LOCK ...).
#
# With KERNEL each case is a second test too, `kernel.<case>`, labelled `kernel`, for
# a machine whose kernel has SCTP (script/guest makes one). The program finds
# LKSCTP_TEST_STACK=kernel in its environment there. With KERNEL_ONLY that is the only
# test. The target lksctp_kernel_tests builds all these programs.
function(lksctp_add_test name)
  cmake_parse_arguments(TEST "KERNEL;KERNEL_ONLY" ""
    "SOURCES;LINK;PRIVATE_HEADERS;PROPERTIES" ${ARGN})
  include(GoogleTest)
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE lksctp_build_flags ${TEST_LINK}
    GTest::gmock GTest::gtest_main)
  foreach(room IN LISTS TEST_PRIVATE_HEADERS)
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/${room}/src")
  endforeach()
  target_compile_definitions(${name} PRIVATE
    LKSCTP_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(NOT TEST_KERNEL_ONLY)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES ${TEST_PROPERTIES})
  endif()
  if(TEST_KERNEL OR TEST_KERNEL_ONLY)
    # LABELS and ENVIRONMENT are added to those of PROPERTIES.
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      TEST_PREFIX kernel. TEST_LIST ${name}_KERNEL_TESTS
      PROPERTIES ${TEST_PROPERTIES} LABELS kernel ENVIRONMENT LKSCTP_TEST_STACK=kernel)
    if(NOT TARGET lksctp_kernel_tests)
      add_custom_target(lksctp_kernel_tests)
    endif()
    add_dependencies(lksctp_kernel_tests ${name})
  endif()
endfunction()

# lksctp_add_fuzzer(NAME SOURCES ... LINK ...)
#
# Makes the libFuzzer program lksctp_fuzz_NAME; nothing without
# LKSCTP_BUILD_FUZZERS. A folder tests/corpus/NAME, when there is one, seeds it.
function(lksctp_add_fuzzer name)
  if(NOT LKSCTP_BUILD_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(FUZZER "" "" "SOURCES;LINK" ${ARGN})
  add_executable(lksctp_fuzz_${name} ${FUZZER_SOURCES})
  target_link_libraries(lksctp_fuzz_${name} PRIVATE lksctp_build_flags ${FUZZER_LINK})
  target_link_options(lksctp_fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()
