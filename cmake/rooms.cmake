# The rooms of the platform and the directions in which they may be linked.
#
# A library sees only what it links: its include path is a view that holds its own folder and those of its links, so a
# forbidden #include is "No such file or directory". A target has to be declared before it is linked, therefore the order
# of add_subdirectory() is the order of levels, and a cycle cannot be written.

# One folder of views for all build directories of this tree: equal compiler commands, so that they share the compiler cache.
set(PLATFORM_VIEWS "${PROJECT_SOURCE_DIR}/build/include")

# Rooms that a room may link, besides itself.
set(PLATFORM_ROOM_core "")
set(PLATFORM_ROOM_base core)                                   # events, config, telemetry, tracing, runtime
set(PLATFORM_ROOM_resilience core base)
set(PLATFORM_ROOM_technology core base resilience)             # http, otlp, kafka, mysql, redis
set(PLATFORM_ROOM_outbox core base resilience technology)
set(PLATFORM_ROOM_service core base resilience technology outbox)  # what every service is made of, wired
set(PLATFORM_ROOM_domain core base resilience)                 # services/*/domain: pure, no I/O
set(PLATFORM_ROOM_adapters core base resilience technology outbox service domain)
set(PLATFORM_ROOM_app core base resilience technology outbox service domain adapters)
set(PLATFORM_ROOM_operator core base resilience technology)
set(PLATFORM_ROOM_test core base resilience technology outbox service domain adapters app operator)

# platform_library(<name> ROOM <room> [OWNER <service>] SOURCES <file>... [PUBLIC <target>...] [PRIVATE <target>...])
function(platform_library name)
  cmake_parse_arguments(arg "" "ROOM;OWNER" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(NOT DEFINED PLATFORM_ROOM_${arg_ROOM})
    message(FATAL_ERROR "${name}: there is no room '${arg_ROOM}'")
  endif()

  file(RELATIVE_PATH path "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  set(view "${PLATFORM_VIEWS}/${name}")
  get_filename_component(parent "${view}/${path}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  if(NOT EXISTS "${view}/${path}")  # another build directory may be compiling through it
    file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${view}/${path}" SYMBOLIC)
  endif()

  add_library(platform_${name} STATIC ${arg_SOURCES})
  platform_mutate(${arg_SOURCES})
  platform_add_crash_points(${arg_SOURCES})
  add_library(platform::${name} ALIAS platform_${name})
  set_target_properties(platform_${name} PROPERTIES
    PLATFORM_ROOM "${arg_ROOM}" PLATFORM_OWNER "${arg_OWNER}" LINK_LIBRARIES_ONLY_TARGETS ON)
  target_include_directories(platform_${name} PUBLIC "${view}")
  target_compile_options(platform_${name} PUBLIC "-ffile-prefix-map=${view}/=" "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")

  foreach(dep IN LISTS arg_PUBLIC arg_PRIVATE)
    if(dep MATCHES "^platform::")
      platform_check_direction("${name}" "${arg_ROOM}" "${arg_OWNER}" "${dep}")
    endif()
  endforeach()
  target_link_libraries(platform_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# Builds the chosen change into those of the files that know it, and into nothing else, so that the compiler cache serves the rest.
function(platform_mutate)
  if(NOT PLATFORM_MUTANT)
    return()
  endif()
  string(TOUPPER "PLATFORM_MUTANT_${PLATFORM_MUTANT}" macro)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" lines REGEX "${macro}")
    if(lines)
      set_source_files_properties("${source}" PROPERTIES COMPILE_DEFINITIONS "${macro}")
    endif()
  endforeach()
endfunction()

# Gives their crash points to those of the files that have any, and nothing to the others, so that the compiler cache serves the rest.
function(platform_add_crash_points)
  if(NOT PLATFORM_CRASH_POINTS)
    return()
  endif()
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" lines REGEX "shared/core/crash_point.hpp")
    if(lines AND NOT source MATCHES "crash_point.cpp$")
      set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_DEFINITIONS PLATFORM_CRASH_POINTS)
    endif()
  endforeach()
endfunction()

function(platform_check_direction name room owner dep)
  if(NOT TARGET ${dep})
    message(FATAL_ERROR "${name} links ${dep}, which is not declared yet: a room links only lower rooms")
  endif()
  get_target_property(target ${dep} ALIASED_TARGET)
  get_target_property(dep_room ${target} PLATFORM_ROOM)
  get_target_property(dep_owner ${target} PLATFORM_OWNER)
  if(NOT dep_room STREQUAL room AND NOT dep_room IN_LIST PLATFORM_ROOM_${room})
    message(FATAL_ERROR "${name} (room ${room}) may not link ${dep} (room ${dep_room})")
  endif()
  if(dep_owner AND NOT dep_owner STREQUAL owner AND NOT room STREQUAL "test")  # tests may join services
    message(FATAL_ERROR "${name} (of '${owner}') may not link ${dep} (of ${dep_owner})")
  endif()
endfunction()

# platform_program(<name> MAIN <file> LIBRARY <target>): an executable whose main only wires. Installed as <name>.
function(platform_program name)
  cmake_parse_arguments(arg "" "MAIN" "LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_MAIN})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# Tests are never optimised, whatever they test: half of the time to compile them would go there.
function(platform_test_options target)
  target_compile_options(${target} PRIVATE -O0)
  target_link_libraries(${target} PRIVATE GTest::gmock GTest::gtest_main)
endfunction()

# The headers that nearly every test includes, parsed once. Only its precompiled header is ever used.
function(platform_test_headers)
  add_executable(test_headers EXCLUDE_FROM_ALL headers.cpp)
  platform_test_options(test_headers)
  target_precompile_headers(test_headers PRIVATE <gtest/gtest.h> <algorithm> <array> <chrono> <cstdint> <expected> <filesystem> <format>
    <functional> <future> <map> <memory> <optional> <set> <span> <string> <string_view> <thread> <utility> <variant> <vector>)
endfunction()

# All tests of a label, for who wants no others.
add_custom_target(unit_tests)
add_custom_target(component_tests)

# platform_test(<name> SOURCES <file>... LIBRARIES <target>... [LABEL unit|component] [ALONE]): one GoogleTest executable.
# Unit tests run in milliseconds on fakes; component tests start real MySQL, Kafka or Redis of their own on loopback, and mostly wait for them, so two
# run at a time; ALONE for one that needs the machine.
function(platform_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(arg "ALONE" "LABEL;TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
    if(arg_LABEL STREQUAL component)
      set(arg_TIMEOUT 300)
    endif()
  endif()
  foreach(lib IN LISTS arg_LIBRARIES)
    if(lib MATCHES "^platform::" AND NOT TARGET ${lib})
      message(FATAL_ERROR "${name} tests ${lib}, which is not declared")
    endif()
  endforeach()
  add_executable(${name} ${arg_SOURCES})
  set(view "${PLATFORM_VIEWS}/tests")
  target_include_directories(${name} PRIVATE "${view}")
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  platform_test_options(${name})
  target_precompile_headers(${name} REUSE_FROM test_headers)
  add_dependencies(${arg_LABEL}_tests ${name})
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
  if(arg_ALONE)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
