#include "load/options.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <fstream>

namespace omakase::load {

namespace {

void declare_readers(CLI::App& app, Options& options) {
  app.add_option("--readers", options.readers, "Streams that are read");
  app.add_option("--stalled", options.stalled, "Streams of which nothing but the head is read, with a receive buffer of 4 KiB");
  app.add_option("--read-path", options.read_path, "Template of a stream's address");
  app.add_option("--read-header", options.read_headers, "\"Name: value\", a template; may be repeated")->allow_extra_args(false);
  app.add_option("--ready-events", options.ready_events, "A reader is connected once it has had so many events, and its head");
  app.add_option("--opening", options.opening, "Connections that are being opened at once")->check(CLI::PositiveNumber);
}

void declare_senders(CLI::App& app, Options& options) {
  app.add_option("--senders", options.senders, "Connections that post");
  app.add_option("--post-path", options.post_path, "Template of the address that is posted to");
  app.add_option("--post-header", options.post_headers, "\"Name: value\", a template; may be repeated")->allow_extra_args(false);
  app.add_option("--body", options.body, "Template of a post; {content} is where the mark goes");
  app.add_option("--payload", options.payload, "Bytes of {content}, at least those of the mark (45)");
  app.add_option("--rate", options.rate, "Messages per second of all senders together (0: as the answers come)");
  app.add_option("--count", options.count, "Messages after which it ends, --seconds being the limit");
}

void declare_course(CLI::App& app, Options& options) {
  app.add_option("--port", options.port, "Of the server, on 127.0.0.1")->required();
  app.add_option("--threads", options.threads, "Threads that read and post")->check(CLI::Range(1, 64));
  app.add_option("--warm-up", options.warm_up_s, "Seconds before it is measured (none with --count)");
  app.add_option("--seconds", options.seconds, "Seconds that are measured");
  app.add_option("--drain", options.drain_s, "Seconds at most for what was posted to arrive");
  app.add_option("--watch-pid", options.watch_pid, "The server's process, whose time and memory are told");
}

// A line for each channel: its id, and its token where it has one.
std::vector<Channel> read_channels(const std::string& file) {
  std::vector<Channel> channels;
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    channels.push_back({line.substr(0, space), space == std::string::npos ? std::string() : line.substr(space + 1)});
  }
  return channels;
}

void replace(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

std::string fill(std::string text, const Channel& channel) {
  replace(text, "{channel}", channel.id);
  replace(text, "{token}", channel.token);
  return text;
}

Options read_options(int argc, char** argv) {
  Options options;
  std::size_t channels = 1;
  std::string file;
  CLI::App app("Reads and posts events on a server of this machine, and prints one line of JSON.", "load");
  declare_course(app, options);
  declare_readers(app, options);
  declare_senders(app, options);
  app.add_option("--channels", channels, "Channels c0, c1 and so on, over which readers and senders are spread");
  app.add_option("--channel-file", file, "Or a file of them: a line \"id token\" each")->check(CLI::ExistingFile);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (!file.empty()) options.channels = read_channels(file);
  for (std::size_t i = 0; file.empty() && i < channels; ++i) options.channels.push_back({"c" + std::to_string(i), {}});
  if (options.channels.empty()) {
    std::fprintf(stderr, "load: %s has no channels\n", file.c_str());
    std::exit(2);
  }
  return options;
}

}  // namespace omakase::load
