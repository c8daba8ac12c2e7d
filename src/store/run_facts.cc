#include "store/run_facts.h"

namespace omakase::store {

namespace {

constexpr std::size_t kMaxKnown = 10'000;

}  // namespace

Task<Result<RunFacts::Facts>> RunFacts::of(std::string run_id) {
  if (const auto known = known_.find(run_id); known != known_.end()) co_return known->second;
  OMAKASE_CO_TRY(const auto run, co_await log_.run(run_id));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  if (known_.size() >= kMaxKnown) known_.clear();
  co_return known_[run_id] = Facts{run->kind, run->role, run->project_id, run->thread_id};
}

}  // namespace omakase::store
