# omakase_node_tests(LABEL): each *.test.mjs of the calling folder is one ctest, LABEL.NAME, on the server that was built.
function(omakase_node_tests label)
  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.test.mjs")
  foreach(test IN LISTS tests)
    get_filename_component(name "${test}" NAME)
    string(REPLACE ".test.mjs" "" name "${name}")
    add_test(NAME ${label}.${name} COMMAND "${NODE}" --test --test-reporter=spec "${test}")
    set_tests_properties(${label}.${name} PROPERTIES
      LABELS ${label}
      TIMEOUT 600
      ENVIRONMENT "OMAKASE_BINARY=${CMAKE_BINARY_DIR}/omakase;OMAKASE_ARTIFACTS=${CMAKE_SOURCE_DIR}/build/artifacts")
  endforeach()
endfunction()
