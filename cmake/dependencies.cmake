# Libraries, all from Debian 12 packages.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(SQLite3 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_path(SODIUM_INCLUDE_FOLDER sodium.h REQUIRED)
find_library(SODIUM_LIBRARY sodium REQUIRED)
find_path(SECCOMP_INCLUDE_FOLDER seccomp.h REQUIRED)
find_library(SECCOMP_LIBRARY seccomp REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
include(GoogleTest)

add_library(omakase_asio INTERFACE)
target_link_libraries(omakase_asio INTERFACE Boost::headers Threads::Threads)
# A request is a dozen coroutines: more of their frames are kept for the next than Asio does by itself.
target_compile_definitions(omakase_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)

add_library(omakase_sodium INTERFACE)
target_include_directories(omakase_sodium SYSTEM INTERFACE "${SODIUM_INCLUDE_FOLDER}")
target_link_libraries(omakase_sodium INTERFACE "${SODIUM_LIBRARY}")

add_library(omakase_seccomp INTERFACE)
target_include_directories(omakase_seccomp SYSTEM INTERFACE "${SECCOMP_INCLUDE_FOLDER}")
target_link_libraries(omakase_seccomp INTERFACE "${SECCOMP_LIBRARY}")
