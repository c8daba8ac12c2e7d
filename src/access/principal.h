// Who is calling, and what they may do wherever they may be. Values only; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "model/words.h"

namespace omakase::access {

struct Principal {
  enum class Kind { kNobody, kPerson, kRun } kind = Kind::kNobody;
  std::string id;  // of the person
  model::UserRole role = model::UserRole::kViewer;
  std::string run_id;       // of a run's token
  std::string login;        // the hash of a browser's login or of a person's token: what their streams are ended by
  std::string token_id;     // of a person's token
  std::uint64_t as_of = 0;  // Gate::version() when they were identified

  bool may(model::UserRole least) const { return kind == Kind::kPerson && role >= least; }
  bool administrator() const { return may(model::UserRole::kAdmin); }
};

}  // namespace omakase::access
