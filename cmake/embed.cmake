# omakase_embed(<target>): builds the web interface and compiles it and the scripts into <target>, as the tables of
# src/assets/embedded.h.
find_program(NODE node HINTS "${CMAKE_SOURCE_DIR}/tools/node/node_modules/.bin" REQUIRED)

set(web_folder "${CMAKE_SOURCE_DIR}/web")
set(web_built "${CMAKE_BINARY_DIR}/web")

if(EXISTS "${web_folder}/package.json")
  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${web_folder}/src/*" "${web_folder}/public/*")
  file(GLOB web_settings CONFIGURE_DEPENDS "${web_folder}/*.ts" "${web_folder}/*.js" "${web_folder}/*.json" "${web_folder}/index.html")
  list(FILTER web_sources EXCLUDE REGEX "\\.test\\.tsx?$")
  add_custom_command(
    OUTPUT "${web_built}/index.html"
    COMMAND "${NODE}" node_modules/vite/bin/vite.js build --outDir "${web_built}" --emptyOutDir --logLevel warn
    DEPENDS ${web_sources} ${web_settings}
    WORKING_DIRECTORY "${web_folder}"
    COMMENT "Building the web interface"
    VERBATIM)
endif()

function(omakase_embed target)
  file(GLOB_RECURSE scripts CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/scripts/*")
  set(generated "${CMAKE_BINARY_DIR}/embedded")
  set(generator "${CMAKE_SOURCE_DIR}/tools/embed_assets.mjs")
  file(MAKE_DIRECTORY "${generated}")
  set(web_arguments)
  set(web_index)
  if(EXISTS "${web_folder}/package.json")
    set(web_arguments --web "${web_built}")
    set(web_index "${web_built}/index.html")
  endif()
  add_custom_command(
    OUTPUT "${generated}/embedded.cc" "${generated}/embedded.bin"
    COMMAND "${NODE}" "${generator}" --out "${generated}/embedded.cc" --blob "${generated}/embedded.bin"
            ${web_arguments} --scripts "${CMAKE_SOURCE_DIR}/scripts"
    DEPENDS "${generator}" ${web_index} ${scripts}
    COMMENT "Embedding the web interface and the scripts"
    VERBATIM)
  target_sources(${target} PRIVATE "${generated}/embedded.cc")
endfunction()
