# Compiler, warnings, linker, cache and sanitizers: the same for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

# g++ 12 miscompiles temporaries inside co_await expressions (docs/adr/0002-clang.md).
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Omakase is built with Clang 19 or newer; use a preset: cmake --preset dev")
endif()

option(OMAKASE_FUZZ "Build the libFuzzer targets" OFF)
set(OMAKASE_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")

find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header is named by its content, and several checkouts or build folders share what is cached.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                    -Wno-missing-designated-field-initializers -Werror -fno-omit-frame-pointer)
add_link_options(-fuse-ld=lld-19)

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  # Line tables are enough for sanitizer reports and halve the size of the objects.
  add_compile_options(-gline-tables-only -fno-standalone-debug)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-ffunction-sections -fdata-sections -fstack-protector-strong -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,--gc-sections -Wl,--icf=safe -Wl,-z,relro -Wl,-z,now -s)
endif()
if(OMAKASE_SANITIZE)
  add_compile_options(-fsanitize=${OMAKASE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OMAKASE_SANITIZE})
endif()
if(OMAKASE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
