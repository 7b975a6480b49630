# Finds libevent, whose distribution packages come without a CMake configuration.
#
#   find_package(Libevent [version] REQUIRED COMPONENTS core extra pthreads)
#
# gives one imported target per component: libevent::core (loops, buffers),
# libevent::extra (HTTP, DNS, RPC), libevent::pthreads (thread support).

find_path(Libevent_INCLUDE_DIR event2/event.h)
mark_as_advanced(Libevent_INCLUDE_DIR)

if(Libevent_INCLUDE_DIR AND EXISTS "${Libevent_INCLUDE_DIR}/event2/event-config.h")
  set(_libevent_config "${Libevent_INCLUDE_DIR}/event2/event-config.h")
elseif(Libevent_INCLUDE_DIR AND CMAKE_LIBRARY_ARCHITECTURE)
  # Multi-arch systems keep the generated header apart from the others.
  set(_libevent_config
    "${Libevent_INCLUDE_DIR}/${CMAKE_LIBRARY_ARCHITECTURE}/event2/event-config.h")
endif()
if(_libevent_config AND EXISTS "${_libevent_config}")
  file(STRINGS "${_libevent_config}" _libevent_version REGEX "define EVENT__VERSION ")
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" Libevent_VERSION "${_libevent_version}")
endif()

if(NOT Libevent_FIND_COMPONENTS)
  set(Libevent_FIND_COMPONENTS core)
endif()
foreach(_component IN LISTS Libevent_FIND_COMPONENTS)
  find_library(Libevent_${_component}_LIBRARY event_${_component})
  mark_as_advanced(Libevent_${_component}_LIBRARY)
  if(Libevent_INCLUDE_DIR AND Libevent_${_component}_LIBRARY)
    set(Libevent_${_component}_FOUND TRUE)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libevent
  REQUIRED_VARS Libevent_INCLUDE_DIR
  VERSION_VAR Libevent_VERSION
  HANDLE_COMPONENTS)

if(Libevent_FOUND)
  foreach(_component IN LISTS Libevent_FIND_COMPONENTS)
    if(Libevent_${_component}_FOUND AND NOT TARGET libevent::${_component})
      add_library(libevent::${_component} UNKNOWN IMPORTED)
      set_target_properties(libevent::${_component} PROPERTIES
        IMPORTED_LOCATION "${Libevent_${_component}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${Libevent_INCLUDE_DIR}")
      # The core stands alone; the others use it.
      if(NOT _component STREQUAL "core")
        find_library(Libevent_core_LIBRARY event_core)
        mark_as_advanced(Libevent_core_LIBRARY)
        set_property(TARGET libevent::${_component} APPEND PROPERTY
          INTERFACE_LINK_LIBRARIES "${Libevent_core_LIBRARY}")
      endif()
    endif()
  endforeach()
endif()
unset(_libevent_config)
unset(_libevent_version)
unset(_component)
