# What every target of this project has in common: warnings, sanitizers, and the
# one shape of a room (static library, public headers, namespaced alias, install).

add_library(lksctp_build_flags INTERFACE)
target_compile_options(lksctp_build_flags INTERFACE -Wall -Wextra -Wconversion)
if(LKSCTP_WERROR)
  target_compile_options(lksctp_build_flags INTERFACE -Werror)
endif()
if(LKSCTP_SANITIZE)
  target_compile_options(lksctp_build_flags INTERFACE
    -fsanitize=${LKSCTP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(lksctp_build_flags INTERFACE -fsanitize=${LKSCTP_SANITIZE})
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
