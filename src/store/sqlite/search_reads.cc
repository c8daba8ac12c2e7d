#include "store/sqlite/search_reads.h"

#include <algorithm>

#include "base/text.h"
#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

namespace {

constexpr int kActiveAt = 12;  // behind the columns of a thread

class Search {
 public:
  Search(Connection& db, const SearchQuery& query) : db_(db), query_(query) {}

  Result<SearchPage> run() {
    const auto& from = query_.from;
    Query rows = db_.query(Sql::kThreadsToSearch, query_.project_id, from ? from->active_at : kEndOfTime);
    bool passed = !from.has_value();
    while (!page_.next) {
      OMAKASE_TRY(const bool more, rows.step());
      if (!more) break;
      const model::Thread thread = read_thread(rows);
      const Timestamp active_at = rows.time(kActiveAt);
      const bool resumes = from && thread.id == from->thread_id;
      // Of those that were last active in the same moment, the ones before it have been searched.
      if (!passed && !resumes && active_at == from->active_at) continue;
      passed = true;
      OMAKASE_CHECK(search(thread, active_at, resumes ? from->before : kEndOfTime));
    }
    return std::move(page_);
  }

 private:
  bool has_words(std::string_view text) const {
    const std::string folded = base::fold_case(text);
    return std::ranges::all_of(query_.words, [&](const std::string& word) { return folded.contains(word); });
  }

  bool spent() const {
    return page_.hits.size() >= query_.limit || messages_ >= MessageLog::kMaxSearched || bytes_ >= MessageLog::kMaxSearchedBytes;
  }

  Result<void> search(const model::Thread& thread, Timestamp active_at, Timestamp before) {
    if (spent()) {
      page_.next = {active_at, thread.id, before};
      return {};
    }
    if (before == kEndOfTime) {
      if (has_words(thread.title)) page_.hits.push_back({thread, std::nullopt});
      --before.micros;  // the title has been looked at
    }
    Query rows = db_.query(Sql::kMessagesToSearch, thread.id, before);
    for (;;) {
      OMAKASE_TRY(const bool more, rows.step());
      if (!more) return {};
      if (spent()) {
        page_.next = {active_at, thread.id, before};
        return {};
      }
      before = rows.time(0);
      ++messages_;
      const std::string_view content = rows.view(4);
      bytes_ += content.size();
      if (!has_words(content)) continue;
      OMAKASE_TRY(auto hit, found(rows));
      page_.hits.push_back({thread, std::move(hit)});
    }
  }

  Result<std::optional<model::Author>> author_of(const Query& row) {
    if (row.is_null(5)) return std::nullopt;
    model::Author author{.id = row.text(5)};
    Query name = db_.query(Sql::kNameOfUser, author.id);
    OMAKASE_TRY(const bool known, name.step());
    if (known) author.name = name.text(0);
    return author;
  }

  Result<SearchHit::Found> found(const Query& row) {
    OMAKASE_TRY(auto author, author_of(row));
    return SearchHit::Found{.id = row.text(1),
                            .timestamp = row.time(0),
                            .sender = model::parse_sender(row.view(2)).value_or(model::Sender::kAgent),
                            .type = model::parse_message_type(row.view(3)).value_or(model::MessageType::kMessage),
                            .content = row.text(4),
                            .author = std::move(author)};
  }

  Connection& db_;
  const SearchQuery& query_;
  SearchPage page_;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<SearchPage> search_messages(Connection& db, const SearchQuery& query) { return Search(db, query).run(); }

}  // namespace omakase::store::sqlite
