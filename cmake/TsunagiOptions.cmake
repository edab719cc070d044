# Language level, warnings and sanitizers of our own targets. Nothing here reaches a user of the installed headers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(TSUNAGI_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins-out)

find_program(TSUNAGI_CCACHE ccache)
if(TSUNAGI_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache needs to serve precompiled headers.
  # Paths below the checkout count as relative, so that every checkout and build folder shares the cache.
  set(_launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${TSUNAGI_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${_launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${_launcher})
endif()

set(TSUNAGI_SANITIZE "" CACHE STRING "address,undefined | thread | empty")
add_library(tsunagi_options INTERFACE)
target_compile_options(tsunagi_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(tsunagi_options INTERFACE -Wno-unknown-warning-option)
else()
  # gcc 12 reports false positives of these inside the standard library at -O2.
  target_compile_options(tsunagi_options INTERFACE -Wno-restrict -Wno-error=stringop-overflow -Wno-error=maybe-uninitialized)
endif()
if(TSUNAGI_SANITIZE)
  # Process-wide, so that every object, plugin and test carries it.
  add_compile_options(-fsanitize=${TSUNAGI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TSUNAGI_SANITIZE})
endif()
target_compile_definitions(tsunagi_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
if(TSUNAGI_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
