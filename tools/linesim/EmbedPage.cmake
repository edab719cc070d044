# cmake -DOUTPUT=Page.gen.cpp -DFILES="a;b" -P EmbedPage.cmake: the files of a bundled page as constants of the program.
set(types html "text/html" css "text/css" js "text/javascript" svg "image/svg+xml")
set(arrays "")
set(entries "")
set(number 0)
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  string(REGEX REPLACE ".*\\." "" extension ${name})
  list(FIND types ${extension} at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${file}: no content type is known for .${extension}")
  endif()
  math(EXPR at "${at} + 1")
  list(GET types ${at} type)
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "constexpr unsigned char FILE_${number}[] = {${bytes}};\n")
  if(name STREQUAL "index.html")
    set(name "")
  endif()
  string(APPEND entries "    {\"/${name}\", \"${type}\", {reinterpret_cast<const char*>(FILE_${number}), sizeof FILE_${number}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include \"tools/linesim/Page.h\"

namespace tsunagi::linesim {
namespace {
${arrays}
const PageFile FILES[] = {
${entries}};
}  // namespace

const PageFile* pageFilesBegin() { return FILES; }
const PageFile* pageFilesEnd() { return FILES + ${number}; }

}  // namespace tsunagi::linesim
")
