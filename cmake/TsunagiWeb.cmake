# The pages of web/, bundled at build time. Needs node and npm (Debian's are enough). Packages are fetched when the lock
# file changed, at the versions and checksums it names; every other build needs no network.
find_program(TSUNAGI_NODE NAMES node nodejs REQUIRED)
find_program(TSUNAGI_NPM npm REQUIRED)

# tsunagi_npm_packages(STAMP_VARIABLE NAME SOURCE): the packages of SOURCE/package.json, installed into NAME of the build
# folder. No script of a package is run. STAMP_VARIABLE gets the file to depend on.
function(tsunagi_npm_packages stamp_variable name source)
  set(folder ${PROJECT_BINARY_DIR}/${name})
  set(stamp ${folder}/installed)
  set(given ${source}/package.json ${source}/package-lock.json ${source}/.npmrc)
  add_custom_command(OUTPUT ${stamp}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${CMAKE_COMMAND} -E copy ${given} ${folder}
    COMMAND ${TSUNAGI_NPM} ci --prefix ${folder} --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${given} WORKING_DIRECTORY ${PROJECT_BINARY_DIR} COMMENT "Installing the packages of ${name}" VERBATIM)
  set(${stamp_variable} ${stamp} PARENT_SCOPE)
endfunction()

# tsunagi_web_page(FILES_VARIABLE PAGE STAMP): bundles web/PAGE; FILES_VARIABLE gets what a program embeds.
function(tsunagi_web_page files_variable page stamp)
  set(source ${PROJECT_SOURCE_DIR}/web)
  set(out ${PROJECT_BINARY_DIR}/web/out/${page})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${source}/${page}/* ${source}/shared/*)
  set(files ${out}/index.html ${out}/app.js ${out}/style.css ${out}/favicon.svg)
  add_custom_command(OUTPUT ${files}
    COMMAND ${TSUNAGI_NODE} ${source}/build.mjs ${PROJECT_BINARY_DIR}/web ${page} ${out}
    DEPENDS ${sources} ${source}/build.mjs ${stamp} COMMENT "Bundling web/${page}" VERBATIM)
  set(${files_variable} ${files} PARENT_SCOPE)
endfunction()
