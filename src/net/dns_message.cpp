#include "net/dns_message.h"

#include "base/reader.h"

namespace sally {
namespace {

constexpr std::size_t kHead = 12, kLongestName = 253, kLongestLabel = 63, kMostLabels = 128;
constexpr std::uint16_t kInternet = 1, kOpt = 41, kUdpBytes = 1232;
constexpr std::uint16_t kRecursionAndAuthentic = 0x0120;  ///< RD, AD

void put16(std::string& out, std::uint16_t v) {
  out += static_cast<char>(v >> 8);
  out += static_cast<char>(v & 0xff);
}

std::unexpected<Error> bad(std::string why) { return fail(kBadDnsAnswer, std::move(why)); }

/// Reads the name that begins at `at`, and moves `at` behind it.
Result<std::string> read_name(Bytes message, std::size_t& at) {
  std::string out;
  std::size_t here = at, lowest = at;
  bool jumped = false;
  for (std::size_t labels = 0; labels < kMostLabels; ++labels) {
    if (here >= message.size()) return bad("a name leaves the message");
    const auto size = std::to_integer<std::size_t>(message[here]);
    if (size >= 0xc0) {
      if (here + 1 >= message.size()) return bad("a name leaves the message");
      const std::size_t to = (size & 0x3f) << 8 | std::to_integer<std::size_t>(message[here + 1]);
      // Only backwards, so that no name goes round.
      if (to >= lowest) return bad("a name points forward");
      if (!jumped) at = here + 2;
      jumped = true;
      here = lowest = to;
      continue;
    }
    if (size > kLongestLabel || size >= message.size() - here) return bad("a label is too long");
    if (size == 0) {
      if (!jumped) at = here + 1;
      return out;
    }
    if (!out.empty()) out += '.';
    out += as_text(message.subspan(here + 1, size));
    if (out.size() > kLongestName) return bad("a name is too long");
    here += size + 1;
  }
  return bad("a name has no end");
}

struct Head {
  std::uint16_t type = 0;
  std::size_t data = 0, size = 0;  ///< of RDATA: where it begins, its bytes
};

/// Reads the record at `at`, and moves `at` behind it.
Result<Head> read_record(Bytes message, std::size_t& at) {
  TRY_VOID(read_name(message, at));
  Reader in(message.subspan(at), at);
  Head out;
  TRY(out.type, in.u16("type"));
  TRY(const std::uint16_t kind, in.u16("class"));
  TRY_VOID(in.u32("ttl"));
  TRY(const Bytes data, in.vec16("rdata"));
  out.data = at + 10;
  out.size = data.size();
  at = out.data + out.size;
  if (kind != kInternet) out.type = 0;
  return out;
}

Result<DnsRecord> read_data(Bytes message, const Head& head, DnsType type) {
  DnsRecord out;
  std::size_t at = head.data;
  if (type == DnsType::mx) {
    Reader in(message.subspan(head.data, head.size), head.data);
    TRY(out.preference, in.u16("preference"));
    at += 2;
  }
  if (type != DnsType::mx && type != DnsType::cname) {
    out.data = as_text(message.subspan(head.data, head.size));
    return out;
  }
  TRY(out.data, read_name(message, at));
  if (at != head.data + head.size) return bad("a record is longer or shorter than its name");
  return out;
}

}  // namespace

std::string dns_question(std::string_view name, DnsType type) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kLongestName) return {};
  std::string out;
  put16(out, 0);  // the sender fills in its number
  put16(out, kRecursionAndAuthentic);
  for (const std::uint16_t count : {1, 0, 0, 1}) put16(out, count);
  while (!name.empty()) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    if (dot == 0 || dot > kLongestLabel) return {};
    out += static_cast<char>(dot);
    out += name.substr(0, dot);
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  out += '\0';
  put16(out, static_cast<std::uint16_t>(type));
  put16(out, kInternet);
  out += '\0';  // RFC 6891 6.1.2: the root
  put16(out, kOpt);
  put16(out, kUdpBytes);
  out.append(6, '\0');
  return out;
}

Result<DnsAnswer> read_dns_answer(Bytes message, DnsType type) {
  if (message.size() < kHead) return bad("it is shorter than its head");
  Reader in(message, 0);
  TRY_VOID(in.u16("id"));
  TRY(const std::uint16_t flags, in.u16("flags"));
  TRY(const std::uint16_t questions, in.u16("questions"));
  TRY(const std::uint16_t answers, in.u16("answers"));
  if ((flags & 0x8000) == 0) return bad("it is a question");
  DnsAnswer out;
  out.code = flags & 0xf;
  out.truncated = (flags & 0x0200) != 0;
  out.authenticated = (flags & 0x0020) != 0;
  std::size_t at = kHead;
  for (unsigned i = 0; i < questions; ++i) {
    TRY_VOID(read_name(message, at));
    if (message.size() - at < 4) return bad("a question is torn");
    at += 4;
  }
  for (unsigned i = 0; i < answers && out.records.size() < kMostDnsRecords; ++i) {
    auto head = read_record(message, at);
    if (!head) return bad("a record is torn");
    if (head->type != static_cast<std::uint16_t>(type)) continue;
    TRY(DnsRecord one, read_data(message, *head, type));
    out.records.push_back(std::move(one));
  }
  return out;
}

}  // namespace sally
