#include "proto/xmpp/starttls.h"

#include <fmt/format.h>

#include "proto/reply_reader.h"

namespace sally::xmpp {
namespace {

using proto::DialogueStep;
using proto::PlainLogin;
using Next = DialogueStep::Next;

constexpr std::size_t kMostBytes = 32 * 1024;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '\'')
      out += "&apos;";
    else
      out += c;
  }
  return out;
}

std::string stream_header(const std::string& server) {
  return fmt::format(
      "<?xml version='1.0'?><stream:stream {}version='1.0' xmlns='jabber:client' "
      "xmlns:stream='http://etherx.jabber.org/streams'>",
      server.empty() ? "" : fmt::format("to='{}' ", escaped(server)));
}

/// RFC 6120 lets the prefix of the stream's names be another one, but every server writes "stream:".
class Starttls final : public proto::Dialogue {
 public:
  explicit Starttls(std::string server) : server_(std::move(server)) {}

  Result<DialogueStep> step(Buffer& in) override {
    if (!std::exchange(greeted_, true)) return DialogueStep{.send = stream_header(server_)};
    const std::string_view text = as_text(in.readable());
    if (!text.empty() && text.front() != '<' && text.front() != ' ' && text.front() != '\n')
      return fail(proto::kOtherSpeech, fmt::format("it said \"{}\"", proto::shown(text)));
    if (const std::size_t at = text.find("<stream:error"); at != text.npos)
      return DialogueStep{.next = Next::done, .why = proto::shown(text.substr(at))};
    auto out = asked_ ? answer(in, text) : features(in, text);
    if (out.next == Next::bytes && out.send.empty() && in.size() > kMostBytes)
      return fail(proto::kTalksTooMuch, "a stanza without an end");
    return out;
  }

 private:
  DialogueStep features(Buffer& in, std::string_view text) {
    constexpr std::string_view kEnd = "</stream:features>";
    const std::size_t begin = text.find("<stream:features"), end = text.find(kEnd);
    if (begin == text.npos || end == text.npos || end < begin) return {};
    const std::string_view list = text.substr(begin, end - begin);
    const std::size_t tls = list.find("<starttls");
    if (tls == list.npos) return {.next = Next::done, .why = "the features do not list starttls"};
    const bool required = list.find("<required", tls) != list.npos;
    const bool plain = list.contains("<mechanism>PLAIN</mechanism>");
    learnt(required ? PlainLogin::refused
           : plain  ? PlainLogin::allowed
                    : PlainLogin::unknown,
           required ? "starttls is required"
           : plain  ? "the mechanism PLAIN is offered before TLS"
                    : "starttls is not required; no mechanism with a plain password is offered before it");
    in.consume(end + kEnd.size());
    asked_ = true;
    return {.send = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", .asks_for_tls = true};
  }

  static DialogueStep answer(Buffer& in, std::string_view text) {
    const std::size_t begin = text.find("<proceed");
    if (begin == text.npos) {
      const std::size_t failure = text.find("<failure");
      if (failure == text.npos) return {};
      return {.next = Next::done, .why = proto::shown(text.substr(failure))};
    }
    const std::size_t end = text.find('>', begin);
    if (end == text.npos) return {};
    // <proceed .../>, or <proceed ...></proceed>
    constexpr std::string_view kClose = "</proceed>";
    if (text[end - 1] == '/') {
      in.consume(end + 1);
    } else {
      const std::size_t close = text.find(kClose, end);
      if (close == text.npos) return {};
      in.consume(close + kClose.size());
    }
    return {.next = Next::tls};
  }

  std::string server_;
  bool greeted_ = false, asked_ = false;
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames& names) {
  return std::make_unique<Starttls>(names.server);
}

std::string early_command(const proto::DialogueNames& names) { return stream_header(names.server); }

}  // namespace sally::xmpp
