# The standard library's big headers, compiled once. Its owner carries Poco's definitions, so only targets that use Poco share it.
option(TSUNAGI_PCH "use precompiled headers" ON)
function(tsunagi_precompiled_owner)
  if(NOT TSUNAGI_PCH)
    return()
  endif()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "")
  add_library(tsunagi_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(tsunagi_precompiled PRIVATE Poco::Net Poco::NetSSL tsunagi_options)
  target_precompile_headers(tsunagi_precompiled PRIVATE <algorithm> <atomic> <condition_variable> <cstdint> <functional>
    <map> <memory> <mutex> <optional> <string> <string_view> <thread> <utility> <variant> <vector>)
endfunction()

# One target per folder. A folder's CMakeLists names what it links; its sources are the .cpp files it holds.

# tsunagi_library(<folder> [DEPS target...]) -> static library tsunagi_<folder> of the current folder's sources.
function(tsunagi_library name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  add_library(tsunagi_${name} STATIC ${sources})
  add_library(tsunagi::${name} ALIAS tsunagi_${name})
  set_target_properties(tsunagi_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(tsunagi_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR})
  target_link_libraries(tsunagi_${name} PUBLIC ${arg_DEPS} PRIVATE tsunagi_options)
  if(TSUNAGI_PCH AND "tsunagi::net" IN_LIST arg_DEPS)
    target_precompile_headers(tsunagi_${name} REUSE_FROM tsunagi_precompiled)
  endif()
endfunction()

# tsunagi_program(<program> [DEPS target...]) -> executable of the current folder's sources, in <build>/bin.
function(tsunagi_program name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} tsunagi_options)
  install(TARGETS ${name} COMPONENT runtime)
endfunction()
