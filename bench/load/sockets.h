// Connections to the server that is measured: non-blocking, to 127.0.0.1 and nowhere else. Closed by whoever opened them.
#pragma once

#include <cstdint>

namespace omakase::load {

// A connection under way: writable once it stands. -1 where none can be had. A small receive buffer makes a reader that stalls.
int open_connection(std::uint16_t port, bool small_receive_buffer = false);

// Whether a connection that became writable stands.
bool connection_stands(int fd);

// Without leaving the port in TIME_WAIT: thousands are opened and closed in one run.
void close_connection(int fd);

// As many descriptors as this process may have.
void raise_descriptor_limit();

}  // namespace omakase::load
