# Finds libsctp of lksctp-tools, which comes without a CMake configuration.
#
#   find_package(Libsctp REQUIRED)
#
# gives libsctp::sctp.

find_path(Libsctp_INCLUDE_DIR netinet/sctp.h)
find_library(Libsctp_LIBRARY sctp)
mark_as_advanced(Libsctp_INCLUDE_DIR Libsctp_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libsctp REQUIRED_VARS Libsctp_LIBRARY Libsctp_INCLUDE_DIR)

if(Libsctp_FOUND AND NOT TARGET libsctp::sctp)
  add_library(libsctp::sctp UNKNOWN IMPORTED)
  set_target_properties(libsctp::sctp PROPERTIES
    IMPORTED_LOCATION "${Libsctp_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Libsctp_INCLUDE_DIR}")
endif()
