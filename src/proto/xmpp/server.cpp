#include "proto/xmpp/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "crypto/entropy.h"

namespace sally::xmpp {
namespace {

using proto::ServerStep;
using Next = ServerStep::Next;

constexpr std::string_view kTlsNames = "urn:ietf:params:xml:ns:xmpp-tls";
constexpr std::size_t kMostFeatures = 16 * 1024;  ///< of a header and features that are kept back
constexpr std::string_view kFeatures =
    "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
    "</stream:features>";
constexpr std::string_view kRefusal =
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><encryption-required/></failure></stream:stream>";

/// From '<' to '>' outside of quotes; npos: it has no end yet.
std::size_t end_of_tag(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0)
      quote = c == quote ? '\0' : quote;
    else if (c == '\'' || c == '"')
      quote = c;
    else if (c == '>')
      return i;
  }
  return text.npos;
}

std::string_view attribute(std::string_view tag, std::string_view name) {
  for (std::size_t at = tag.find(name); at != tag.npos; at = tag.find(name, at + 1)) {
    const std::size_t value = at + name.size();
    if (!std::string_view(" \t\r\n").contains(tag[at - 1]) || value + 1 >= tag.size() || tag[value] != '=')
      continue;
    const std::size_t end = tag.find(tag[value + 1], value + 2);
    if (end != tag.npos) return tag.substr(value + 2, end - value - 2);
  }
  return {};
}

/// Worth being said back.
bool is_host(std::string_view name) {
  return !name.empty() && name.size() < 256 && std::ranges::all_of(name, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

std::string hex_id() {
  std::string out;
  for (const std::byte b : crypto::random_bytes<12>())
    out += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  return out;
}

std::string stream_error(std::string_view condition) {
  return fmt::format(
      "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
      condition);
}

class Server final : public proto::ServerDialogue {
 public:
  explicit Server(const proto::ServerTerms& terms) : terms_(terms) {}

  Result<ServerStep> step(Buffer& in) override {
    ServerStep out;
    while (out.next == Next::bytes) {
      std::string_view text = as_text(in.readable());
      const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
      in.consume(begin);
      text = as_text(in.readable());
      if (text.empty()) break;
      if (text.front() != '<')
        return fail(proto::kOtherSpeech, fmt::format("it said \"{}\"", proto::shown(text)));
      const std::size_t end = end_of_tag(text.substr(0, terms_.line_bytes));
      if (end == text.npos && text.size() < terms_.line_bytes) break;
      if (end == text.npos || ++tags_ > terms_.commands) return fail(proto::kTalksTooMuch, "a tag too many");
      answer(std::string(text.substr(1, end - 1)), out);
      in.consume(end + 1);
    }
    return out;
  }

 private:
  void answer(const std::string& tag, ServerStep& out) {
    const std::string_view name = std::string_view(tag).substr(0, tag.find_first_of(" \t\r\n/>", 1));
    if (tag.starts_with("?xml")) return;
    if (!open_ && (name == "stream" || name.ends_with(":stream")) && !tag.starts_with('/'))
      return header(tag, out);
    if (asked_ && name == "/starttls") return proceed(out);
    out.next = Next::end;
    if (!open_) {
      open_ = true;
      out.send += opening(terms_.name) + stream_error("invalid-xml");
    } else if (name == "starttls" && attribute(tag, "xmlns") == kTlsNames && !asked_) {
      asked_ = true;
      out.next = Next::bytes;
      if (tag.ends_with('/')) proceed(out);
    } else if (name == "auth") {
      out.send += kRefusal;
    } else if (name.starts_with('/') && name.ends_with("stream")) {
      out.send += "</stream:stream>";
    } else {
      out.send += stream_error("not-authorized");
    }
  }

  void header(const std::string& tag, ServerStep& out) {
    const std::string_view to = attribute(tag, "to");
    out.send += opening(is_host(to) ? to : std::string_view(terms_.name));
    out.send += kFeatures;
    open_ = true;
  }

  static void proceed(ServerStep& out) {
    out.send += fmt::format("<proceed xmlns='{}'/>", kTlsNames);
    out.next = Next::tls;
  }

  static std::string opening(std::string_view from) {
    return fmt::format(
        "<?xml version='1.0'?><stream:stream from='{}' id='{}' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
        from, hex_id());
  }

  proto::ServerTerms terms_;
  std::size_t tags_ = 0;
  bool open_ = false, asked_ = false;
};

/// Of the first features only: those behind a login have no starttls (RFC 6120 5.3.1).
class WithoutStarttls final : public proto::Between {
 public:
  void from_backend(std::string_view said, std::string& out) override {
    if (done_) {
      out += said;
      return;
    }
    kept_ += said;
    if (!is_whole() && kept_.size() < kMostFeatures) return;
    constexpr std::string_view kOpen = "<starttls", kClose = "</starttls>";
    if (const std::size_t at = kept_.find(kOpen); at != kept_.npos) {
      const std::size_t tag = kept_.find('>', at), close = kept_.find(kClose, at);
      const bool single = tag != kept_.npos && kept_[tag - 1] == '/';
      if (single) kept_.erase(at, tag + 1 - at);
      if (!single && close != kept_.npos) kept_.erase(at, close + kClose.size() - at);
    }
    backend_ended(out);
  }

  void backend_ended(std::string& out) override {
    out += kept_;
    kept_ = {};
    done_ = true;
  }

 private:
  /// Whatever the prefix of the stream's own names: the end of the features, or of everything.
  bool is_whole() const {
    if (kept_.contains("features/>") || kept_.contains("error>")) return true;
    for (std::size_t at = kept_.find("features>"); at != kept_.npos; at = kept_.find("features>", at + 1))
      if (const std::size_t open = kept_.rfind('<', at); open != kept_.npos && kept_[open + 1] == '/')
        return true;
    return kept_.contains("stream:stream>");
  }

  std::string kept_;
  bool done_ = false;
};

}  // namespace

constexpr proto::ServerSide kServerSide{
    .dialogue = [](const proto::ServerTerms& terms) -> std::unique_ptr<proto::ServerDialogue> {
      return std::make_unique<Server>(terms);
    },
    .between = []() -> std::unique_ptr<proto::Between> { return std::make_unique<WithoutStarttls>(); },
};

}  // namespace sally::xmpp
