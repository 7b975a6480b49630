# What makes an installed tree usable: the CMake package and the pkg-config files.
# Libraries and headers are installed by `lksctp_add_room`.

include(CMakePackageConfigHelpers)

set(LKSCTP_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/lksctp")
set(LKSCTP_PKGCONFIG_DIR "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/lksctp-config.cmake.in"
  "${CMAKE_CURRENT_BINARY_DIR}/lksctp-config.cmake"
  INSTALL_DESTINATION "${LKSCTP_CMAKE_DIR}")
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(
  "${CMAKE_CURRENT_BINARY_DIR}/lksctp-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/lksctp-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/lksctp-config-version.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindLibevent.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindLibsctp.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindIsal.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindLibmd.cmake"
  DESTINATION "${LKSCTP_CMAKE_DIR}")
install(EXPORT lksctpTargets NAMESPACE lksctp:: DESTINATION "${LKSCTP_CMAKE_DIR}")

# lksctp_install_pkgconfig(NAME LIBRARY DESCRIPTION REQUIRES)
#
# The libraries are static, so what they use is in `Requires` and not in
# `Requires.private`: `pkg-config --libs` alone is a complete link line.
function(lksctp_install_pkgconfig PC_NAME PC_LIBRARY PC_DESCRIPTION PC_REQUIRES)
  # Found from the file's own place, so that an installed tree can be moved.
  file(RELATIVE_PATH PC_UP "/${LKSCTP_PKGCONFIG_DIR}" "/")
  string(REGEX REPLACE "/$" "" PC_UP "${PC_UP}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/lksctp.pc.in"
    "${CMAKE_CURRENT_BINARY_DIR}/${PC_NAME}.pc" @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${PC_NAME}.pc"
    DESTINATION "${LKSCTP_PKGCONFIG_DIR}")
endfunction()

lksctp_install_pkgconfig(lksctp-decoder lksctp_decoder
  "SCTP notifications as typed values" "")
lksctp_install_pkgconfig(lksctp-reactor lksctp_reactor
  "SCTP endpoints and associations on one event loop"
  "lksctp-decoder = ${PROJECT_VERSION}, spdlog, libevent_core, libsctp, sqlite3, libisal, libmd")
if(TARGET lksctp_metrics)
  lksctp_install_pkgconfig(lksctp-metrics lksctp_metrics
    "Prometheus metrics of SCTP associations"
    "lksctp-reactor = ${PROJECT_VERSION}, prometheus-cpp-core")
endif()
if(TARGET lksctp_metrics_http)
  lksctp_install_pkgconfig(lksctp-metrics-http lksctp_metrics_http
    "HTTP endpoint for the metrics of SCTP associations"
    "lksctp-metrics = ${PROJECT_VERSION}, libevent_extra, libevent_core, zlib")
endif()
