#include "proto/server_side.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace sally::proto {
namespace {

class Numbered final : public Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) override {
    for (;;) {
      TRY(const auto reply, replies_.next(in));
      if (!reply) return DialogueStep{};
      if (reply->code == 120) continue;  // FTP: soon (RFC 959 5.4)
      return DialogueStep{.next = reply->code == 220 ? DialogueStep::Next::done : DialogueStep::Next::busy,
                          .why = reply->text()};
    }
  }

 private:
  ReplyReader replies_;
};

class OneLine final : public Dialogue {
 public:
  explicit OneLine(std::string_view wanted) : wanted_(wanted) {}

  Result<DialogueStep> step(Buffer& in) override {
    TRY(const auto line, lines_.next(in));
    if (!line) return DialogueStep{};
    const bool good = ascii_iequals(line->substr(0, wanted_.size()), wanted_);
    return DialogueStep{.next = good ? DialogueStep::Next::done : DialogueStep::Next::busy,
                        .why = shown(*line)};
  }

 private:
  LineReader lines_;
  std::string_view wanted_;
};

/// A browser that somebody led here sends its request as if it were commands.
bool is_of_the_web(std::string_view line) {
  return line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0") || line.ends_with(" HTTP/2.0");
}

}  // namespace

Result<ServerStep> LineServer::step(Buffer& in) {
  ServerStep out;
  while (out.next == ServerStep::Next::bytes) {
    TRY(const auto line, lines_.next(in));
    if (!line) break;
    if (is_of_the_web(*line)) return fail(kOtherSpeech, fmt::format("it said \"{}\"", shown(*line)));
    const ServerStep one = answer(*line);
    out.send += one.send;
    out.next = one.next;
  }
  return out;
}

std::unique_ptr<Dialogue> numbered_greeting() { return std::make_unique<Numbered>(); }
std::unique_ptr<Dialogue> line_greeting(std::string_view wanted) { return std::make_unique<OneLine>(wanted); }

}  // namespace sally::proto
