// Names of things: ULIDs (26 characters of Crockford base32, time first, so that text order is age), ids that clients give,
// and random secrets. Pure but for the system's random source; any thread.
// Source of the ULID format: github.com/ulid/spec.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace omakase::base {

// A new ULID for this moment. Two made in the same millisecond differ in 80 random bits.
std::string new_ulid(Timestamp now);

// The ULID that stands for a pair of ids at a moment: the same three always give the same.
std::string derived_ulid(Timestamp at, std::string_view scope, std::string_view id);

// Whether `text` may be an id: 1 to 64 of [0-9A-Za-z_-].
bool valid_id(std::string_view text);

// `bytes` bytes of the system's random source in base64url without padding: 32 bytes are 43 characters.
std::string new_secret(std::size_t bytes);

// The UUID (version 8 layout) that stands for a pair of ids: the same pair always gives the same UUID, other pairs another.
// Agents that name their input by UUID are given the message's id in this form.
std::string derived_uuid(std::string_view scope, std::string_view id);

}  // namespace omakase::base
