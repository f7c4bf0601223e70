#include "check/report/drawing.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "check/report/words.h"
#include "tls/hello_builder.h"
#include "tls/suite_facts.h"

namespace sally::check {
namespace {

constexpr int kWidth = 760, kClient = 170, kServer = 640, kTop = 64, kStep = 44;
constexpr std::size_t kLongestNote = 74;  ///< octets: what fits between the two lines

std::string text_of(std::string_view raw) {
  std::string out;
  append_html(out, visible(raw));
  return out;
}

/// Cut where a character begins.
std::string shortened(std::string text) {
  if (text.size() <= kLongestNote) return text;
  std::size_t end = kLongestNote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "\u2026";
}

std::string hello_note(const HandshakeSeen& h) {
  std::string out = fmt::format("{}, {}", tls::version_name(h.version), tls::suite_facts(h.suite).name);
  if (h.group != 0 && h.version >= tls::kTls13) out += ", " + group_name(h.group);
  return out;
}

std::string certificate_note(const HandshakeSeen& h) {
  if (h.certificates.empty()) return {};
  const crypto::Certificate& leaf = h.certificates.front();
  const std::size_t more = h.certificates.size() - 1;
  return fmt::format("{}, {}{}", short_subject(leaf), leaf.key().text,
                     more == 0 ? "" : fmt::format(", and {} more", more));
}

std::string note_of(const tls::HandshakeMessage& m, const HandshakeSeen& h, const std::string& server_name) {
  if (m.retry_request) return "asks for a key share of another group";
  switch (m.type) {
    case 1:
      return server_name.empty() ? "without a name" : "for " + server_name;
    case 2:
      return hello_note(h);
    case 4:
      return "lets the client resume the session later";
    case 8:
      return h.first_alpn.empty() ? "no protocol was picked" : "ALPN " + h.first_alpn;
    case 11:
    case 25:
      return m.from_client ? "none" : certificate_note(h);
    case 12:
      return h.group == 0 ? "" : "key share, " + group_name(h.group);
    case 13:
      return "asks for a certificate of the client";
    case 15:
      return "proves that it holds the key";
    case 22:
      return "a stapled OCSP answer";
    default:
      return {};
  }
}

std::string head(int x, std::string_view label) {
  return fmt::format(
      "<rect x=\"{}\" y=\"8\" width=\"200\" height=\"30\" rx=\"8\" class=\"head\"/>"
      "<text x=\"{}\" y=\"28\" class=\"who\" text-anchor=\"middle\">{}</text>\n",
      x - 100, x, label);
}

std::string arrow(const Arrow& a, int y) {
  const int from = a.from_client ? kClient : kServer, to = a.from_client ? kServer : kClient;
  const int back = a.from_client ? -9 : 9;
  const char* const kind = a.encrypted ? "closed" : "open";
  std::string out = fmt::format("<g class=\"{}\"><line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", kind, from,
                                y, to + back, y);
  out += fmt::format("<path d=\"M{} {} l{} -5 v10 z\"/>", to, y, back);
  const int middle = (kClient + kServer) / 2;
  out += fmt::format("<text x=\"{}\" y=\"{}\" class=\"name\" text-anchor=\"middle\">{}</text>", middle, y - 7,
                     text_of(a.name));
  if (!a.note.empty())
    out += fmt::format("<text x=\"{}\" y=\"{}\" class=\"note\" text-anchor=\"middle\">{}</text>", middle,
                       y + 14, text_of(shortened(a.note)));
  out += fmt::format("<text x=\"{}\" y=\"{}\" class=\"time\" text-anchor=\"end\">{:.1f} ms</text></g>\n", 60,
                     y + 4, a.at_ms);
  return out;
}

}  // namespace

std::vector<Arrow> arrows_of(const HandshakeSeen& h, const std::string& server_name) {
  std::vector<Arrow> out;
  bool hello_seen = false;
  for (const tls::HandshakeMessage& m : h.messages) {
    // RFC 8446 2: all behind the ServerHello is encrypted. RFC 5246 7.3: only what follows ChangeCipherSpec.
    const bool encrypted = h.version >= tls::kTls13 ? hello_seen : m.type == 20;
    const double at = std::chrono::duration<double, std::milli>(m.at - h.messages.front().at).count();
    out.push_back({m.from_client, encrypted, m.name(), note_of(m, h, server_name), at});
    hello_seen = hello_seen || (m.type == 2 && !m.retry_request);
  }
  return out;
}

std::string draw_handshake(std::span<const Arrow> arrows, const std::string& host) {
  const int height = kTop + static_cast<int>(arrows.size()) * kStep + 16;
  std::string out = fmt::format(
      "<svg class=\"handshake\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"The handshake, message by "
      "message\" xmlns=\"http://www.w3.org/2000/svg\">\n",
      kWidth, height);
  for (const int x : {kClient, kServer})
    out += fmt::format("<line x1=\"{}\" y1=\"38\" x2=\"{}\" y2=\"{}\" class=\"life\"/>\n", x, x, height - 6);
  constexpr std::size_t kLongestHost = 24;
  out += head(kClient, "client");
  out += head(kServer, text_of(host.size() > kLongestHost ? host.substr(0, kLongestHost) + "\u2026" : host));
  int y = kTop + kStep / 2;
  for (const Arrow& a : arrows) {
    out += arrow(a, y);
    y += kStep;
  }
  return out + "</svg>\n";
}

}  // namespace sally::check
