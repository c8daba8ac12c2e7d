#include "practice/demonstration.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"

namespace omakase::practice {

namespace {

constexpr std::string_view kLookCommand = "pwd && ls -p | head -n 40";
constexpr std::string_view kStatusCommand = "git status --short | head -n 20";
constexpr std::string_view kShowCommand = "git status --short && git diff --stat && tail -n 3 PRACTICE.md";
constexpr std::string_view kDiffCommand = "git diff | head -n 60";
constexpr std::string_view kNoteFile = "PRACTICE.md";
constexpr std::string_view kNoteEnd = "<!-- the practice model writes above this line -->";
constexpr std::size_t kQuotedBytes = 1200;

// The mistakes that the practice model knows by heart, and their repairs.
struct Slip {
  std::string_view wrong;
  std::string_view right;
};
constexpr std::array<Slip, 3> kSlips = {{
    {"guests + 80", "guests * 80"},
    {"\"Hello $1!\"", "\"Hello, $1!\""},
    {"return a - b", "return a + b"},
}};

struct TestCommand {
  std::string_view file;  // whose presence tells that there is
  std::string_view command;
};
constexpr std::array<TestCommand, 7> kTestCommands = {{
    {"test.sh", "sh test.sh"},
    {"package.json", "npm test"},
    {"Makefile", "make test"},
    {"pyproject.toml", "python3 -m pytest -q"},
    {"setup.py", "python3 -m pytest -q"},
    {"Cargo.toml", "cargo test"},
    {"go.mod", "go test ./..."},
}};

struct Workspace {
  std::string root;
  std::vector<std::string> files;  // at its top

  bool has(std::string_view file) const { return std::ranges::find(files, file) != files.end(); }
  std::string path(std::string_view file) const { return root + "/" + std::string(file); }
};

Workspace read_workspace(std::string_view listing) {
  Workspace workspace;
  for (const std::string_view line : base::split(listing, '\n')) {
    const std::string_view name = base::trim(line);
    if (workspace.root.empty())
      workspace.root = name;
    else if (!name.empty() && !name.ends_with('/'))
      workspace.files.emplace_back(name);
  }
  return workspace;
}

// A passage of code in a sentence.
std::string code(std::string_view text) {
  std::string shown(base::utf8_prefix(text, 120));
  if (shown.size() < text.size()) shown += "…";
  std::ranges::replace(shown, '`', '\'');
  std::ranges::replace(shown, '\n', ' ');
  return "`" + shown + "`";
}

// A block of code, whose fence is longer than any in the text.
std::string fenced(std::string_view text) {
  std::string_view shown = base::utf8_prefix(base::trim(text), kQuotedBytes);
  std::string fence = "```";
  while (shown.find(fence) != std::string_view::npos) fence += '`';
  return fence + "\n" + (shown.empty() ? "(nothing)" : std::string(shown)) + "\n" + fence;
}

std::string quoted(std::string_view text) {
  std::string quote;
  for (const std::string_view line : base::split(base::utf8_prefix(text, 400), '\n')) quote += "> " + std::string(line) + "\n";
  return quote;
}

std::string one_line(std::string_view text) {
  std::string line(base::utf8_prefix(base::trim(text), 100));
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return line;
}

class Demonstration {
 public:
  explicit Demonstration(const Conversation& conversation) : conversation_(conversation) {}

  Step next() {
    if (!conversation_.offers("Bash")) return say(answer_without_tools());
    const ToolOutcome* look = outcome_of("Bash", "command", kLookCommand);
    if (!look) return begin();
    workspace_ = read_workspace(look->text);
    if (look->is_error || !workspace_.root.starts_with('/')) return close("I could not look around in this workspace.");
    if (const auto file = file_to_read(); conversation_.first && file && offers_and_lacks("Read", *file)) {
      return use("A few lines of " + code(*file) + " tell what this is.", {"Read", {{"file_path", workspace_.path(*file)}}});
    }
    return wants_repair() ? repair() : take_note();
  }

 private:
  Step begin() const {
    Step step =
        use(conversation_.first ? "I am the **practice model**: a script, not Claude, and nothing that you write leaves this "
                                  "machine. I use Claude Code's "
                                  "real tools in this workspace, so that you see what working here is like. First I look around."
                                : "The practice model again. First I look around.",
            bash(kLookCommand, "Look around"));
    step.actions.emplace_back(bash(kStatusCommand, "See what is uncommitted"));
    return step;
  }

  Step take_note() const {
    const std::string path = workspace_.path(kNoteFile);
    const std::string line = "- You asked: " + one_line(conversation_.asked);
    if (!workspace_.has(kNoteFile)) {
      if (offers_and_lacks("Write", kNoteFile)) {
        const std::string content = "# Practice\n\nWhat was asked of the practice model in this workspace.\n\n" + line + "\n" +
                                    std::string(kNoteEnd) + "\n";
        return use("Now I write a file of my own, " + code(kNoteFile) + ".",
                   {"Write", {{"file_path", path}, {"content", content}}});
      }
    } else if (offers_and_lacks("Read", kNoteFile)) {
      return use(code(kNoteFile) + " is there already. I read it before I change it.", {"Read", {{"file_path", path}}});
    } else if (offers_and_lacks("Edit", kNoteFile)) {
      return use("Now I add a line to it.",
                 {"Edit", {{"file_path", path}, {"old_string", kNoteEnd}, {"new_string", line + "\n" + std::string(kNoteEnd)}}});
    }
    if (!outcome_of("Bash", "command", kShowCommand))
      return use("This is what has changed:", bash(kShowCommand, "Show what has changed"));
    const bool changed = std::ranges::any_of(conversation_.outcomes, [](const ToolOutcome& one) {
      return !one.is_error && (one.name == "Write" || one.name == "Edit");
    });
    return close(changed ? "I changed " + code(kNoteFile) + ". That is all a script can do with this:"
                         : "I changed nothing. You asked:");
  }

  Step repair() const {
    const auto tests = test_command();
    if (!tests) return close("I found no tests that I know how to run.");
    const auto runs = runs_of(*tests);
    if (runs.empty()) return use("I run the tests with " + code(*tests) + ".", bash(*tests, "Run the tests"));
    if (!runs.front()->is_error) return close("The tests pass already; there was nothing to repair.");
    const std::string search = search_command();
    const ToolOutcome* found = outcome_of("Bash", "command", search);
    if (!found) {
      return use("They fail. I know " + std::to_string(kSlips.size()) + " mistakes by heart; perhaps this is one of them.",
                 bash(search, "Search for known mistakes"));
    }
    const auto place = place_in(found->text);
    if (!place)
      return close(
          "The tests fail, and the reason is none of the mistakes that I know by heart. A real model would look further.");
    if (offers_and_lacks("Read", place->file))
      return use("There it is. I read the file before I change it.", {"Read", {{"file_path", workspace_.path(place->file)}}});
    if (offers_and_lacks("Edit", place->file)) {
      return use(
          code(place->wrong) + " should be " + code(place->right) + ".",
          {"Edit", {{"file_path", workspace_.path(place->file)}, {"old_string", place->wrong}, {"new_string", place->right}}});
    }
    if (runs.size() < 2) return use("And once more:", bash(*tests, "Run the tests again"));
    if (!outcome_of("Bash", "command", kDiffCommand)) return use("This is the change:", bash(kDiffCommand, "Show the change"));
    return close(runs.back()->is_error ? "I changed " + code(place->file) + ", and the tests still fail."
                                       : "The tests pass: I repaired " + code(place->file) + ".");
  }

  struct Place {
    std::string file;
    std::string wrong;
    std::string right;
  };

  // The first place that `grep -rn` found which is code: "./file:12:text".
  static std::optional<Place> place_in(std::string_view found) {
    for (std::string_view line : base::split(found, '\n')) {
      if (line.starts_with("./")) line.remove_prefix(2);
      const std::size_t file_end = line.find(':');
      const std::size_t number_end = file_end == std::string_view::npos ? file_end : line.find(':', file_end + 1);
      if (number_end == std::string_view::npos || line.substr(0, file_end).ends_with(".md")) continue;
      const std::string_view text = base::trim(line.substr(number_end + 1));
      for (const Slip& slip : kSlips) {
        const std::size_t at = text.find(slip.wrong);
        if (at == std::string_view::npos) continue;
        std::string right(text);
        right.replace(at, slip.wrong.size(), slip.right);
        return Place{std::string(line.substr(0, file_end)), std::string(text), std::move(right)};
      }
    }
    return std::nullopt;
  }

  static std::string search_command() {
    std::string command = "grep -rnF --exclude-dir=.git --exclude-dir=node_modules";
    for (const Slip& slip : kSlips) command += " -e '" + std::string(slip.wrong) + "'";
    return command + " . | head -n 20";
  }

  bool wants_repair() const {
    const std::string asked = base::lower_ascii(conversation_.asked);
    return asked.contains("test") && (asked.contains("fix") || asked.contains("fail") || asked.contains("repair"));
  }

  std::optional<std::string_view> test_command() const {
    const auto known = std::ranges::find_if(kTestCommands, [this](const TestCommand& one) { return workspace_.has(one.file); });
    if (known == kTestCommands.end()) return std::nullopt;
    return known->command;
  }

  std::optional<std::string> file_to_read() const {
    const auto readme = std::ranges::find_if(
        workspace_.files, [](const std::string& file) { return base::lower_ascii(file).starts_with("readme"); });
    if (readme != workspace_.files.end()) return *readme;
    if (workspace_.files.empty()) return std::nullopt;
    return workspace_.files.front();
  }

  const ToolOutcome* outcome_of(std::string_view tool, std::string_view field, std::string_view value) const {
    const auto found = std::ranges::find_if(conversation_.outcomes, [&](const ToolOutcome& one) {
      return one.name == tool && base::string_or_empty(one.input, field) == value;
    });
    return found == conversation_.outcomes.end() ? nullptr : &*found;
  }

  bool offers_and_lacks(std::string_view tool, std::string_view file) const {
    return conversation_.offers(tool) && !outcome_of(tool, "file_path", workspace_.path(file));
  }

  std::vector<const ToolOutcome*> runs_of(std::string_view command) const {
    std::vector<const ToolOutcome*> runs;
    for (const ToolOutcome& one : conversation_.outcomes) {
      if (one.name == "Bash" && base::string_or_empty(one.input, "command") == command) runs.push_back(&one);
    }
    return runs;
  }

  static ToolUse bash(std::string_view command, std::string_view description) {
    return {"Bash", {{"command", command}, {"description", description}}};
  }

  static Step use(std::string text, ToolUse tool) {
    Step step;
    step.actions.emplace_back(Text{std::move(text)});
    step.actions.emplace_back(std::move(tool));
    return step;
  }

  static Step say(std::string text) {
    Step step;
    step.actions.emplace_back(Text{std::move(text)});
    return step;
  }

  Step close(const std::string& verdict) const {
    std::string text = verdict + "\n\n" + quoted(conversation_.asked) + "\nWhat I did:\n\n";
    for (const ToolOutcome& one : conversation_.outcomes) text += "- " + account_of(one) + "\n";
    if (!conversation_.outcomes.empty()) text += "\nWhat came back last:\n\n" + fenced(conversation_.outcomes.back().text) + "\n";
    return say(text + "\n" + std::string(kWayOut));
  }

  std::string account_of(const ToolOutcome& one) const {
    std::string_view file = base::string_or_empty(one.input, "file_path");
    if (file.starts_with(workspace_.root + "/")) file.remove_prefix(workspace_.root.size() + 1);
    const std::string failed = one.is_error ? " (failed)" : "";
    if (one.name == "Read") return "read " + code(file) + failed;
    if (one.name == "Write") return "wrote " + code(file) + failed;
    if (one.name == "Edit") return "changed " + code(file) + failed;
    return "ran " + code(base::string_or_empty(one.input, "command")) + failed;
  }

  std::string answer_without_tools() const {
    return "I am the **practice model**: a script, not Claude. You asked:\n\n" + quoted(conversation_.asked) +
           "\nHere I have no tools, so this is all I can say.\n\n" + std::string(kWayOut);
  }

  static constexpr std::string_view kWayOut =
      "These answers are scripted: the practice model cannot think. To work with the real Claude, set `ANTHROPIC_API_KEY` or log "
      "in once with "
      "`claude`, and start Omakase again.";

  const Conversation& conversation_;
  Workspace workspace_;
};

}  // namespace

Step demonstrate(const Conversation& conversation) { return Demonstration(conversation).next(); }

}  // namespace omakase::practice
