#include "proto/pop3/server.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "proto/line_between.h"

namespace sally::pop3 {
namespace {

using proto::ServerStep;
using Next = ServerStep::Next;

class Server final : public proto::LineServer {
 public:
  explicit Server(const proto::ServerTerms& terms) : LineServer(terms), name_(terms.name) {}

  std::string greeting() override { return fmt::format("+OK {} ready\r\n", name_); }

 private:
  ServerStep answer(const std::string& line) override {
    const std::string verb = ascii_lower(line.substr(0, line.find(' ')));
    if (verb == "capa") return {.send = "+OK\r\nSTLS\r\n.\r\n"};
    if (verb == "quit") return {.next = Next::end, .send = "+OK bye\r\n"};
    if (verb == "stls" && line.size() == verb.size()) return {.next = Next::tls, .send = "+OK begin TLS\r\n"};
    return {.send = "-ERR say STLS first\r\n"};
  }

  std::string name_;
};

/// Mails are told from lists by what the client asks for: it sees none before RETR or TOP.
class WithoutStls final : public proto::LineBetween {
 public:
  void from_client(std::string_view said) override {
    if (stopped()) return;
    words_.hear(said, [this](std::string_view line) {
      if (line.starts_with("retr") || line.starts_with("top")) stop();
    });
  }

 private:
  bool may_matter(std::string_view begun) const override {
    return begun.size() <= 5 &&
           ascii_iequals(begun.substr(0, 4), std::string_view("stls").substr(0, begun.size()));
  }
  void take(std::string line, std::string& out) override {
    if (!ascii_iequals(line, "stls\r\n") && !ascii_iequals(line, "stls\n")) out += line;
  }

  proto::FirstWords words_;
};

}  // namespace

constexpr proto::ServerSide kServerSide{
    .dialogue = [](const proto::ServerTerms& terms) -> std::unique_ptr<proto::ServerDialogue> {
      return std::make_unique<Server>(terms);
    },
    .greeting = [] { return proto::line_greeting("+OK"); },
    .between = []() -> std::unique_ptr<proto::Between> { return std::make_unique<WithoutStls>(); },
    .unavailable = "-ERR [SYS/TEMP] the mail server cannot be reached\r\n",
};

}  // namespace sally::pop3
