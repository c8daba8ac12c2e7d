// Runs the contract of the store on the SQLite engine.
#include "store/contract/attachment_contract.h"
#include "store/contract/log_contract.h"
#include "store/contract/search_contract.h"
#include "store/contract/store_contract.h"
#include "store/contract/waiting_contract.h"
#include "store/sqlite/sqlite_store.h"

namespace omakase::store::contract {
namespace {

class OpenSqlite final : public OpenStore {
 public:
  explicit OpenSqlite(std::unique_ptr<sqlite::SqliteStore> store) : store_(std::move(store)) {}
  MessageLog& messages() override { return store_->messages(); }
  Catalog& catalog() override { return store_->catalog(); }
  People& people() override { return store_->people(); }

 private:
  std::unique_ptr<sqlite::SqliteStore> store_;
};

const Engine kSqlite{"Sqlite", [](const std::filesystem::path& folder, runtime::Executor loop, const base::Clock& clock) {
                       return std::make_unique<OpenSqlite>(sqlite::SqliteStore::open(folder, std::move(loop), clock).value());
                     }};

INSTANTIATE_TEST_SUITE_P(Engines, MessageLogContract, testing::Values(&kSqlite), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, LogContract, testing::Values(&kSqlite), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, AttachmentContract, testing::Values(&kSqlite), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, SearchContract, testing::Values(&kSqlite), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, WaitingContract, testing::Values(&kSqlite), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, TakenOverContract, testing::Values(&kSqlite), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, CatalogContract, testing::Values(&kSqlite), engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, PeopleContract, testing::Values(&kSqlite), engine_name);

}  // namespace
}  // namespace omakase::store::contract
