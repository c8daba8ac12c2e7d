#include "load/usage.h"

#include <dirent.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace omakase::load {

namespace {

std::string read_file(int pid, const char* name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The fields of /proc/PID/stat after the name, which may have spaces and parentheses in it: the state is the first.
std::vector<std::string> fields_of(int pid) {
  const std::string text = read_file(pid, "stat");
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream words(text.substr(name_end + 1));
  std::vector<std::string> fields;
  for (std::string word; words >> word;) fields.push_back(word);
  return fields;
}

std::vector<int> tree_of(int pid) {
  std::multimap<int, int> children;
  if (DIR* folder = opendir("/proc")) {
    while (const dirent* entry = readdir(folder)) {
      const int one = std::atoi(entry->d_name);
      const auto fields = one > 0 ? fields_of(one) : std::vector<std::string>();
      if (fields.size() > 1) children.emplace(std::atoi(fields[1].c_str()), one);
    }
    closedir(folder);
  }
  std::vector<int> tree{pid};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [first, last] = children.equal_range(tree[i]);
    for (auto child = first; child != last; ++child) tree.push_back(child->second);
  }
  return tree;
}

std::uint64_t resident_kb(int pid) {
  std::istringstream numbers(read_file(pid, "statm"));
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  numbers >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

std::uint64_t private_kb(int pid) {
  std::istringstream lines(read_file(pid, "smaps_rollup"));
  std::uint64_t sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Private_Clean:") || line.starts_with("Private_Dirty:"))
      sum += std::strtoull(line.c_str() + line.find(':') + 1, nullptr, 10);
  }
  return sum;
}

double processor_s(int pid) {
  constexpr std::size_t kUserTime = 11;
  const auto fields = fields_of(pid);
  if (fields.size() <= kUserTime + 1) return 0;
  const double ticks = std::strtod(fields[kUserTime].c_str(), nullptr) + std::strtod(fields[kUserTime + 1].c_str(), nullptr);
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

Usage usage_of_tree(int pid) {
  Usage usage;
  for (const int one : tree_of(pid)) {
    usage.processor_s += processor_s(one);
    usage.private_kb += private_kb(one);
    usage.resident_kb += resident_kb(one);
  }
  return usage;
}

std::uint64_t resident_kb_of_tree(int pid) {
  std::uint64_t sum = 0;
  for (const int one : tree_of(pid)) sum += resident_kb(one);
  return sum;
}

}  // namespace omakase::load
