#include "proto/smtp/server.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "proto/line_between.h"

namespace sally::smtp {
namespace {

using proto::ServerStep;
using Next = ServerStep::Next;

class Server final : public proto::LineServer {
 public:
  explicit Server(const proto::ServerTerms& terms) : LineServer(terms), name_(terms.name) {}

  std::string greeting() override { return fmt::format("220 {} ESMTP\r\n", name_); }

 private:
  ServerStep answer(const std::string& line) override {
    const std::string verb = ascii_lower(line.substr(0, line.find(' ')));
    const bool alone = line.size() == verb.size();
    if (verb == "ehlo" || verb == "helo") return hello(verb == "ehlo", alone);
    if (verb == "noop") return {.send = "250 2.0.0 Ok\r\n"};
    if (verb == "rset") return {.send = "250 2.0.0 Ok\r\n"};
    if (verb == "quit") return {.next = Next::end, .send = "221 2.0.0 Bye\r\n"};
    if (verb != "starttls") return {.send = "530 5.7.0 Must issue a STARTTLS command first\r\n"};
    if (!alone) return {.send = "501 5.5.4 STARTTLS takes no parameter\r\n"};
    return {.next = Next::tls, .send = "220 2.0.0 Ready to start TLS\r\n"};
  }

  ServerStep hello(bool extended, bool alone) const {
    if (alone) return {.send = "501 5.5.4 Say your name\r\n"};
    if (!extended) return {.send = fmt::format("250 {}\r\n", name_)};
    return {.send = fmt::format("250-{}\r\n250-ENHANCEDSTATUSCODES\r\n250 STARTTLS\r\n", name_)};
  }

  std::string name_;
};

/// The last line of a reply has another form than the others, so one is kept back until the next is known.
class WithoutStarttls final : public proto::LineBetween {
  bool may_matter(std::string_view begun) const override {
    return begun.substr(0, 3) == std::string_view("250").substr(0, begun.size());
  }

  void take(std::string line, std::string& out) override {
    const std::string lower = ascii_lower(line);
    const bool last = !lower.starts_with("250-");
    const bool starttls = lower.substr(std::min<std::size_t>(lower.size(), 4)).starts_with("starttls\r\n") ||
                          lower.substr(std::min<std::size_t>(lower.size(), 4)).starts_with("starttls\n");
    if (starttls && last && !before_.empty()) before_[3] = ' ';
    if (starttls && (!last || !before_.empty())) {
      if (last) let_go(out);
      return;
    }
    let_go(out);
    if (last)
      out += line;
    else
      before_ = std::move(line);
  }

  void let_go(std::string& out) override {
    out += before_;
    before_.clear();
  }

  std::string before_;
};

}  // namespace

constexpr proto::ServerSide kServerSide{
    .dialogue = [](const proto::ServerTerms& terms) -> std::unique_ptr<proto::ServerDialogue> {
      return std::make_unique<Server>(terms);
    },
    .greeting = proto::numbered_greeting,
    .between = []() -> std::unique_ptr<proto::Between> { return std::make_unique<WithoutStarttls>(); },
    .unavailable = "421 4.3.0 The mail server cannot be reached, try again later\r\n",
};

}  // namespace sally::smtp
