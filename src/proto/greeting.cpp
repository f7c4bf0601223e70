#include "proto/greeting.h"

#include <algorithm>
#include <array>

namespace sally::proto {
namespace {

using namespace std::string_view_literals;

/// A prefix of the first line, and what it means.
struct Beginning {
  std::string_view text;
  Greeting verdict;
};

struct Row {
  std::string_view protocol;  ///< with or without the "s" of TLS
  std::array<Beginning, 3> beginnings;
};

constexpr std::array kRows = std::to_array<Row>({
    {"smtp", {{{"220", Greeting::good}, {"421", Greeting::busy}, {"554", Greeting::busy}}}},
    {"ftp", {{{"220", Greeting::good}, {"120", Greeting::busy}, {"421", Greeting::busy}}}},
    {"imap", {{{"* OK", Greeting::good}, {"* PREAUTH", Greeting::good}, {"* BYE", Greeting::busy}}}},
    {"pop3", {{{"+OK", Greeting::good}, {"-ERR", Greeting::busy}, {}}}},
    {"ssh", {{{"SSH-2.0-", Greeting::good}, {"SSH-1.99-", Greeting::good}, {}}}},
    {"postgres", {{{"S", Greeting::good}, {"N", Greeting::good}, {}}}},
});

constexpr std::string_view kLdap = "ldap";
/// LDAPMessage 1: searchRequest of "", scope base, (objectClass=*), attribute "1.1": none (RFC 4511 4.5.1).
constexpr std::string_view kRootSearch =
    "\x30\x2a\x02\x01\x01\x63\x25\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x01\x02\x01\x05\x01\x01\x00\x87\x0b"
    "objectClass"
    "\x30\x05\x04\x03"
    "1.1"sv;
constexpr std::string_view kSslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"sv;

std::string_view plain_name(std::string_view protocol) {
  return protocol.ends_with('s') && protocol != "postgres" ? protocol.substr(0, protocol.size() - 1)
                                                           : protocol;
}

const Row* row_of(std::string_view protocol) {
  const auto row = std::ranges::find(kRows, plain_name(protocol), &Row::protocol);
  return row == kRows.end() ? nullptr : row;
}

/// SSH may send other lines first (RFC 4253 4.2).
std::string_view line_that_counts(std::string_view protocol, std::string_view heard) {
  if (protocol != "ssh") return heard;
  while (!heard.starts_with("SSH-"sv.substr(0, std::min<std::size_t>(heard.size(), 4)))) {
    const std::size_t end = heard.find('\n');
    if (end == heard.npos) return {};
    heard.remove_prefix(end + 1);
  }
  return heard;
}

/// The first message's operation: an entry, a reference or the end of the search with resultCode 0.
Greeting judge_ldap(Bytes b) {
  const auto at = [&](std::size_t i) { return std::to_integer<std::size_t>(b[i]); };
  constexpr std::size_t kSequence = 0x30, kEntry = 0x64, kDone = 0x65, kReference = 0x73;
  if (b.empty()) return Greeting::more;
  if (at(0) != kSequence) return Greeting::other;
  if (b.size() < 2) return Greeting::more;
  const std::size_t long_form = at(1) > 0x80 ? at(1) & 0x7f : 0;
  if (at(1) == 0x80 || long_form > 4) return Greeting::other;
  const std::size_t id = 2 + long_form;
  if (b.size() < id + 4) return Greeting::more;
  if (at(id) != 0x02 || at(id + 1) != 1 || at(id + 2) > 1) return Greeting::other;
  const std::size_t operation = at(id + 3);
  if (operation == kEntry || operation == kReference) return Greeting::good;
  if (operation != kDone) return at(id + 2) == 0 ? Greeting::busy : Greeting::other;
  if (b.size() < id + 5) return Greeting::more;
  const std::size_t code = id + 5 + (at(id + 4) > 0x80 ? at(id + 4) & 0x7f : 0);
  if (b.size() < code + 3) return Greeting::more;
  constexpr std::size_t kBusy = 51, kUnavailable = 52;
  // Any other code comes from a server that is at work: it may not let strangers search.
  return at(code + 2) == kBusy || at(code + 2) == kUnavailable ? Greeting::busy : Greeting::good;
}

Greeting judge_line(const Row& row, std::string_view heard) {
  for (const auto& [text, verdict] : row.beginnings) {
    if (text.empty()) continue;
    if (heard.starts_with(text)) return verdict;
    if (text.starts_with(heard)) return Greeting::more;
  }
  return Greeting::other;
}

}  // namespace

bool has_greeting(std::string_view protocol) {
  return plain_name(protocol) == kLdap || row_of(protocol) != nullptr;
}

std::string greeting_question(std::string_view protocol) {
  if (plain_name(protocol) == kLdap) return std::string(kRootSearch);
  return protocol == "postgres" ? std::string(kSslRequest) : "";
}

std::string_view greeting_farewell(std::string_view protocol) {
  const std::string_view name = plain_name(protocol);
  if (name == "smtp" || name == "pop3" || name == "ftp") return "QUIT\r\n";
  if (name == "imap") return "a LOGOUT\r\n";
  if (name == kLdap) return "\x30\x05\x02\x01\x02\x42\x00"sv;  // unbindRequest (RFC 4511 4.3)
  return "";
}

Greeting judge_greeting(std::string_view protocol, Bytes heard) {
  Greeting out = Greeting::other;
  if (plain_name(protocol) == kLdap)
    out = judge_ldap(heard);
  else if (const Row* const row = row_of(protocol); row != nullptr)
    out = judge_line(*row, line_that_counts(row->protocol, as_text(heard)));
  return out == Greeting::more && heard.size() >= kMostGreeting ? Greeting::other : out;
}

}  // namespace sally::proto
