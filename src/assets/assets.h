// Answers GET and HEAD for everything that is not the API from the files inside the binary: entity tags, precompressed bodies,
// and the index page for addresses that the page itself routes. Pure; any thread.
#pragma once

#include <string_view>

#include "net/http.h"

namespace omakase::assets {

// The file at the request's path, 304 when the client has it, or index.html for an address without a file extension.
net::Response serve(const net::Request& request);

// The description of the HTTP contract.
net::Response serve_openapi(const net::Request& request);

// An embedded script or instruction file: "work-setup.sh"; empty when there is none.
std::string_view script(std::string_view path);

}  // namespace omakase::assets
