#include "practice/command.h"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include <charconv>
#include <csignal>
#include <cstdio>

#include "practice/model.h"
#include "runtime/loop.h"

namespace omakase::practice {

namespace {

base::Result<void> listen(PracticeModel& model, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const std::string_view digits = colon == std::string::npos ? "" : std::string_view(text).substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || ec != std::errc() || end != digits.data() + digits.size()) {
    return base::invalid("bad_address", "\"" + text + "\" is not ADDRESS:PORT.", "listen");
  }
  return model.listen(address, port);
}

Task<> serve_until_signal(PracticeModel& model, runtime::asio::signal_set& signals) {
  model.serve();
  co_await signals.async_wait(runtime::use_tuple);
  model.stop();
  co_await model.join();
}

}  // namespace

int run_practice_model(std::span<const std::string> args) {
  std::string address = "127.0.0.1:0";
  int delay_ms = 15;
  ModelOptions options;
  CLI::App app("Serves scripted answers in the form of the Anthropic Messages API", "omakase practice-model");
  app.add_option("--listen", address, "Loopback ADDRESS:PORT; port 0 takes a free one")->capture_default_str();
  app.add_option("--log", options.log_path, "File to which each request is appended as a line of JSON");
  app.add_option("--delay", delay_ms, "Milliseconds between two pieces of text")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  try {
    // CLI11 takes them from the back.
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.pace = milliseconds(delay_ms);

  runtime::Loop loop;
  const base::SystemClock clock;
  PracticeModel model(loop.executor(), clock, options);
  runtime::asio::signal_set signals(loop.io(), SIGTERM, SIGINT);
  if (const auto listening = listen(model, address); !listening) {
    std::fprintf(stderr, "practice-model: %s\n", listening.error().detail.c_str());
    return 2;
  }
  const bool v6 = address.starts_with('[');
  std::printf("http://%s:%u\n", v6 ? "[::1]" : address.substr(0, address.rfind(':')).c_str(), model.port());
  std::fflush(stdout);
  runtime::run_task(loop, serve_until_signal(model, signals));
  return 0;
}

}  // namespace omakase::practice
