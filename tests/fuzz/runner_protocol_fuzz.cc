// What a runner reads from its socket and a server from a spool may be anything: it is understood or refused, in whatever chunks.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runner/protocol.h"

namespace omakase {
namespace {

// The ends of all records, then whether the bytes are a spool.
std::string read_spool(std::string_view bytes, std::size_t chunk) {
  runner::RecordDecoder decoder(0);
  std::string seen;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(chunk, bytes.size()))) {
    decoder.push(bytes.substr(0, chunk));
    auto next = decoder.next();
    for (; next && *next; next = decoder.next()) seen += std::to_string((*next)->end_offset) + " ";
    if (!next) return seen + "refused";
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(runner::decode_server_message(bytes));
  static_cast<void>(runner::decode_runner_hello(bytes));
  static_cast<void>(runner::decode_note(bytes));
  if (read_spool(bytes, 1) != read_spool(bytes, 7)) std::abort();
  return 0;
}

}  // namespace omakase
