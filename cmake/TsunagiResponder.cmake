# responder_add_plugin(<name> SOURCES file... [OUTPUT_DIRECTORY dir] [NO_INSTALL])
# A responder plugin <name>.so as the host wants it: one exported symbol, nothing undefined, nothing that pins it. The
# sources include "kit/responder.hpp", or "abi/responder.h" alone. Installed to lib/tsunagi/plugins.
set(_responder_version_script ${CMAKE_CURRENT_LIST_DIR}/responder.map)

function(responder_add_plugin name)
  cmake_parse_arguments(arg "NO_INSTALL" "OUTPUT_DIRECTORY" "SOURCES" ${ARGN})
  if(NOT name MATCHES "^[a-z0-9_-]+$" OR NOT arg_SOURCES)
    message(FATAL_ERROR "responder_add_plugin(<name> SOURCES file...): name is of a-z, 0-9, _ and -, and takes sources")
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${TSUNAGI_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tsunagi::kit Threads::Threads)
  target_compile_features(${name} PRIVATE cxx_std_17)
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX .so
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${_responder_version_script})
  if(arg_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY})
  endif()
  target_link_options(${name} PRIVATE LINKER:--version-script=${_responder_version_script})
  # gcc marks statics of templates "unique", which would tie the plugins of one process together. clang never does.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  # Under a sanitizer the run-time's symbols come from the program.
  if(NOT TSUNAGI_SANITIZE AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_C_FLAGS}" MATCHES "-fsanitize")
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
  # The host refuses what others may write; a umask of 002 would leave the build folder so.
  add_custom_command(TARGET ${name} POST_BUILD VERBATIM
    COMMAND chmod go-w $<TARGET_FILE:${name}> $<TARGET_FILE_DIR:${name}>)
  if(NOT arg_NO_INSTALL)
    install(TARGETS ${name} LIBRARY DESTINATION lib/tsunagi/plugins COMPONENT runtime)
  endif()
endfunction()
