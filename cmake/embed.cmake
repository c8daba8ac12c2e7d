# omakase_embed(<target>): builds the web interface and compiles it, the scripts and the API's description (docs/api) into
# <target>, as the tables of src/assets/embedded.h.
find_program(NODE node HINTS "${CMAKE_SOURCE_DIR}/tools/node/node_modules/.bin" REQUIRED)

function(omakase_embed target)
  set(web "${CMAKE_SOURCE_DIR}/web")
  set(web_built "${CMAKE_BINARY_DIR}/interface")  # not "web": that is where CMake keeps what it knows of web/
  set(generated "${CMAKE_BINARY_DIR}/embedded")
  set(generator "${CMAKE_SOURCE_DIR}/tools/embed_assets.mjs")
  file(MAKE_DIRECTORY "${generated}")

  file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS "${web}/src/*" "${web}/public/*")
  list(FILTER web_sources EXCLUDE REGEX "\\.test\\.tsx?$")
  file(GLOB web_settings CONFIGURE_DEPENDS "${web}/*.ts" "${web}/*.json" "${web}/index.html")
  add_custom_command(
    OUTPUT "${web_built}/index.html"
    COMMAND "${NODE}" node_modules/vite/bin/vite.js build --outDir "${web_built}" --emptyOutDir --logLevel warn
    DEPENDS ${web_sources} ${web_settings}
    WORKING_DIRECTORY "${web}"
    COMMENT "Building the web interface"
    VERBATIM)

  file(GLOB_RECURSE scripts CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/scripts/*")
  file(GLOB api CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/docs/api/*.json")
  set(api_arguments)
  if(api)
    set(api_arguments --api "${CMAKE_SOURCE_DIR}/docs/api")
  endif()
  add_custom_command(
    OUTPUT "${generated}/embedded.cc" "${generated}/embedded.bin"
    COMMAND "${NODE}" "${generator}" --out "${generated}/embedded.cc" --blob "${generated}/embedded.bin"
            --web "${web_built}" --scripts "${CMAKE_SOURCE_DIR}/scripts" ${api_arguments}
    DEPENDS "${generator}" "${web_built}/index.html" ${scripts} ${api}
    COMMENT "Embedding the web interface, the scripts and the API's description"
    VERBATIM)
  target_sources(${target} PRIVATE "${generated}/embedded.cc")
endfunction()
