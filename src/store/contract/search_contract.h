// What the tests of the search have in common.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {

class SearchContract : public StoreContract {
 protected:
  // A conversation with an active run.
  void converse(const std::string& id, std::string title = "", const std::string& project = "project") {
    model::Thread thread = a_thread(id);
    thread.title = std::move(title);
    thread.project_id = project;
    must(catalog().create_thread(thread));
    model::Run run = a_run("run-" + id);
    run.thread_id = id;
    run.project_id = project;
    start(run);
  }
  void say(const std::string& thread, std::string id, std::string content) {
    append(a_message("run-" + thread, std::move(id), std::move(content)));
  }
  SearchPage search(SearchQuery query) {
    if (query.project_id.empty()) query.project_id = "project";
    return must(messages().search(std::move(query)));
  }
  std::vector<std::string> found(std::vector<std::string> words) { return names(search({.words = std::move(words)})); }
  // The messages of all pages.
  std::vector<std::string> found_in_pages(std::vector<std::string> words, std::size_t limit) {
    std::vector<std::string> all;
    for (SearchQuery query{.words = std::move(words), .limit = limit};;) {
      const SearchPage page = search(query);
      for (std::string& name : names(page)) all.push_back(std::move(name));
      if (!page.next) return all;
      query.from = page.next;
    }
  }
  static std::vector<std::string> names(const SearchPage& page) {
    std::vector<std::string> out;
    out.reserve(page.hits.size());
    for (const SearchHit& hit : page.hits) out.push_back(hit.message ? hit.message->id : "title of " + hit.thread.id);
    return out;
  }
};

}  // namespace omakase::store::contract
