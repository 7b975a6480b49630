# Finds the headers of usrsctp, whose distribution package comes without a CMake
# configuration.
#
#   find_package(Usrsctp REQUIRED)
#
# gives usrsctp::headers. There is no target to link: the reactor opens a private
# copy of the library at run time, so that its symbols never meet another's.

find_path(Usrsctp_INCLUDE_DIR usrsctp.h)
mark_as_advanced(Usrsctp_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Usrsctp REQUIRED_VARS Usrsctp_INCLUDE_DIR)

if(Usrsctp_FOUND AND NOT TARGET usrsctp::headers)
  add_library(usrsctp::headers INTERFACE IMPORTED)
  set_target_properties(usrsctp::headers PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${Usrsctp_INCLUDE_DIR}")
endif()
