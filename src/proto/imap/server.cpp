#include "proto/imap/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "proto/line_between.h"

namespace sally::imap {
namespace {

using proto::ServerStep;
using Next = ServerStep::Next;

constexpr std::string_view kCapabilities = "IMAP4rev1 STARTTLS LOGINDISABLED";
constexpr std::size_t kLongestTag = 64;

/// RFC 9051 9: ASTRING-CHARs but "+".
bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= kLongestTag && std::ranges::all_of(text, [](unsigned char c) {
    return c > 0x20 && c < 0x7f && !std::string_view("(){%*\"\\+").contains(static_cast<char>(c));
  });
}

class Server final : public proto::LineServer {
 public:
  explicit Server(const proto::ServerTerms& terms) : LineServer(terms) {}

  std::string greeting() override { return fmt::format("* OK [CAPABILITY {}] ready\r\n", kCapabilities); }

 private:
  ServerStep answer(const std::string& line) override {
    const std::size_t space = line.find(' ');
    const std::string tag = line.substr(0, space);
    if (space == line.npos || !is_tag(tag)) return {.send = "* BAD no command\r\n"};
    const std::string rest = ascii_lower(line.substr(space + 1));
    const std::string verb = rest.substr(0, rest.find(' '));
    if (verb == "capability")
      return {.send = fmt::format("* CAPABILITY {}\r\n{} OK done\r\n", kCapabilities, tag)};
    if (verb == "noop") return {.send = tag + " OK done\r\n"};
    if (verb == "logout") return {.next = Next::end, .send = "* BYE\r\n" + tag + " OK bye\r\n"};
    if (rest == "starttls") return {.next = Next::tls, .send = tag + " OK begin TLS\r\n"};
    if (verb == "login" || verb == "authenticate")
      return {.send = tag + " NO [PRIVACYREQUIRED] say STARTTLS first\r\n"};
    return {.send = tag + " BAD say STARTTLS first\r\n"};
  }
};

/// "* CAPABILITY ...", and the code [CAPABILITY ...] of an OK.
class WithoutStarttls final : public proto::LineBetween {
 public:
  void from_client(std::string_view said) override {
    if (stopped()) return;
    words_.hear(said, [this](std::string_view line) {
      // RFC 4978 3: lines are no lines then.
      if (line.ends_with(" compress deflate")) stop();
    });
  }

 private:
  bool may_matter(std::string_view begun) const override {
    const std::string text = ascii_lower(std::string(begun.substr(0, kLongestTag + 20)));
    const std::size_t space = text.find(' ');
    if (space == text.npos) return text.size() <= kLongestTag;
    const std::string_view rest = std::string_view(text).substr(space + 1);
    const auto like = [&](std::string_view wanted) {
      return rest.substr(0, wanted.size()) == wanted.substr(0, rest.size());
    };
    return like("ok [capability ") || (text.starts_with("* ") && like("capability "));
  }

  void take(std::string line, std::string& out) override {
    constexpr std::string_view kWord = " starttls";
    const std::string lower = ascii_lower(line);
    for (std::size_t from = 0;;) {
      const std::size_t at = lower.find(kWord, from);
      if (at == lower.npos) {
        out.append(line, from);
        return;
      }
      const std::size_t end = at + kWord.size();
      out.append(line, from, at - from);
      if (end < lower.size() && !std::string_view(" ]\r\n").contains(lower[end]))
        out.append(line, at, kWord.size());
      from = end;
    }
  }

  /// RFC 9051 4.3: a line that ends in {n} is followed by n bytes.
  std::uint64_t raw_behind(std::string_view tail) const override {
    const std::size_t open = tail.rfind('{');
    if (open == tail.npos || !tail.ends_with('}')) return 0;
    const std::string_view digits = tail.substr(open + 1, tail.size() - open - 2);
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    return error == std::errc{} && end == digits.data() + digits.size() ? size : 0;
  }

  proto::FirstWords words_;
};

}  // namespace

constexpr proto::ServerSide kServerSide{
    .dialogue = [](const proto::ServerTerms& terms) -> std::unique_ptr<proto::ServerDialogue> {
      return std::make_unique<Server>(terms);
    },
    .greeting = [] { return proto::line_greeting("* OK"); },
    .between = []() -> std::unique_ptr<proto::Between> { return std::make_unique<WithoutStarttls>(); },
    .unavailable = "* BYE the mail server cannot be reached\r\n",
};

}  // namespace sally::imap
