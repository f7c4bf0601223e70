#include "tls/server_flight.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/reader.h"
#include "tls/suite_facts.h"

namespace sally::tls {
namespace {

enum Record : std::uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kApplication = 23 };
enum Message : std::uint8_t {
  kServerHello = 2,
  kCertificate = 11,
  kServerKeyExchange = 12,
  kCertificateRequest = 13,
  kServerHelloDone = 14,
  kCertificateStatus = 22,
};
constexpr std::uint16_t kSupportedVersions = 43, kKeyShare = 51, kAlpnExtension = 16, kTls13Version = 0x0304;
constexpr std::size_t kRecordHeader = 5, kMessageHeader = 4;
constexpr std::size_t kLongestRecord = (1 << 14) + 2048;
constexpr std::size_t kMostExtensions = 64;

// RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest".
constexpr std::string_view kRetryRandom(
    "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e"
    "\x09"
    "\xe2\xc8\xa8\x33\x9c",
    32);

std::uint16_t number16(std::string_view s) {
  return s.size() < 2 ? std::uint16_t{0}
                      : static_cast<std::uint16_t>(static_cast<unsigned char>(s[0]) << 8 |
                                                   static_cast<unsigned char>(s[1]));
}

bool is_text(Bytes in) {
  return std::ranges::all_of(
      as_text(in), [](char c) { return (c >= ' ' && c != 0x7f) || c == '\r' || c == '\n' || c == '\t'; });
}

/// The first line, safe for a terminal and a report.
std::string first_line(Bytes in) {
  std::string out;
  for (const char c : as_text(in).substr(0, 120)) {
    if (c == '\r' || c == '\n') break;
    out += c >= ' ' && c < 0x7f ? c : '?';
  }
  return out;
}

Stranger stranger_of(Bytes in) {
  const std::string_view text = as_text(in);
  if (text.starts_with("HTTP/") || text.starts_with("<html") || text.starts_with("<!DOC") ||
      text.starts_with("<HTML"))
    return Stranger::http;
  if (text.starts_with("SSH-")) return Stranger::ssh;
  if (text.starts_with("* OK") || text.starts_with("* BYE") || text.starts_with("* BAD"))
    return Stranger::imap;
  if (text.starts_with("+OK") || text.starts_with("-ERR")) return Stranger::pop3;
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() >= 4 && digit(0) && digit(1) && digit(2) && (text[3] == ' ' || text[3] == '-'))
    return Stranger::smtp_or_ftp;
  // MySQL's greeting: a 3-byte length, sequence 0, protocol 10.
  if (text.size() >= 5 && text[2] == 0 && text[3] == 0 && text[4] == 10) return Stranger::mysql;
  return is_text(in) ? Stranger::text : Stranger::unknown;
}

}  // namespace

const HelloExtension* ServerHello::extension(std::uint16_t type) const {
  const auto found = std::ranges::find(extensions, type, &HelloExtension::type);
  return found == extensions.end() ? nullptr : &*found;
}

std::uint16_t ServerHello::group() const {
  const HelloExtension* const share = extension(kKeyShare);
  return share ? number16(share->body) : std::uint16_t{0};
}

std::string ServerHello::alpn() const {
  // RFC 7301 3.1: a list of exactly one name.
  const HelloExtension* const e = extension(kAlpnExtension);
  if (!e || e->body.size() < 3) return {};
  const std::size_t size = static_cast<unsigned char>(e->body[2]);
  return e->body.size() == 3 + size ? e->body.substr(3) : std::string();
}

std::uint16_t ServerHello::downgrade_mark() const {
  if (random.size() != 32 || retry_request || !std::string_view(random).substr(24).starts_with("DOWNGRD"))
    return 0;
  return random[31] == 1 ? 0x0304 : random[31] == 0 ? 0x0303 : 0;
}

std::string alert_name(std::uint8_t description) {
  struct Row {
    std::uint8_t code;
    const char* name;
  };
  static constexpr Row kRows[] = {
      {0, "close_notify"},
      {10, "unexpected_message"},
      {20, "bad_record_mac"},
      {21, "decryption_failed"},
      {22, "record_overflow"},
      {30, "decompression_failure"},
      {40, "handshake_failure"},
      {41, "no_certificate"},
      {42, "bad_certificate"},
      {43, "unsupported_certificate"},
      {44, "certificate_revoked"},
      {45, "certificate_expired"},
      {46, "certificate_unknown"},
      {47, "illegal_parameter"},
      {48, "unknown_ca"},
      {49, "access_denied"},
      {50, "decode_error"},
      {51, "decrypt_error"},
      {60, "export_restriction"},
      {70, "protocol_version"},
      {71, "insufficient_security"},
      {80, "internal_error"},
      {86, "inappropriate_fallback"},
      {90, "user_canceled"},
      {100, "no_renegotiation"},
      {109, "missing_extension"},
      {110, "unsupported_extension"},
      {111, "certificate_unobtainable"},
      {112, "unrecognized_name"},
      {113, "bad_certificate_status_response"},
      {115, "unknown_psk_identity"},
      {116, "certificate_required"},
      {120, "no_application_protocol"},
      {121, "ech_required"},
  };
  const auto* const found = std::ranges::find(kRows, description, &Row::code);
  return found == std::end(kRows) ? fmt::format("alert {}", description) : found->name;
}

Result<bool> FlightReader::feed(Bytes bytes) {
  if (done_) return true;
  fed_ += bytes.size();
  if (fed_ > limits_.bytes) return fail(kFlightTooLong, fmt::format("more than {} bytes", limits_.bytes));
  TRY_VOID(records_.append(bytes));
  TRY(done_, take_records());
  return done_;
}

void FlightReader::end() {
  if (done_ || records_.offset() != 0 || records_.empty() || records_.size() >= kRecordHeader) return;
  (void)read_stranger(records_.readable());
  done_ = true;
}

Result<bool> FlightReader::take_records() {
  while (records_.size() >= kRecordHeader) {
    const Bytes in = records_.readable();
    const auto type = std::to_integer<std::uint8_t>(in[0]);
    if (records_.offset() == 0 && (type & 0x80) != 0 && in[2] == std::byte{4}) return read_ssl2(in);
    if (type < kChangeCipherSpec || type > kApplication || in[1] != std::byte{3}) {
      if (records_.offset() == 0) return read_stranger(in);
      return fail(kBadFlight, WirePos{records_.offset(), -1, "record"});
    }
    const std::size_t length = std::to_integer<std::size_t>(in[3]) << 8 | std::to_integer<std::size_t>(in[4]);
    if (length > kLongestRecord) return fail(kBadFlight, WirePos{records_.offset(), -1, "record length"});
    if (in.size() < kRecordHeader + length) return false;
    const Bytes fragment = in.subspan(kRecordHeader, length);
    bool over = type == kApplication;  // encrypted from here on
    if (over) {
      flight_.sealed += length;
      over = until_ != Until::sealed || flight_.sealed >= kSealedEnough;
    }
    if (type == kAlert) {
      if (length != 2) return fail(kBadFlight, WirePos{records_.offset(), -1, "alert"});
      const ServerAlert alert{std::to_integer<std::uint8_t>(fragment[0]),
                              std::to_integer<std::uint8_t>(fragment[1])};
      // RFC 6066 3: a warning unrecognized_name, as old servers send it, does not end the handshake.
      if (alert.level != 1 || alert.description == 0) {
        flight_.alert = alert;
        over = true;
      }
    } else if (type == kHandshake) {
      TRY_VOID(messages_.append(fragment));
      TRY(over, take_messages());
    }
    records_.consume(kRecordHeader + length);
    if (over) return true;
  }
  return false;
}

Result<bool> FlightReader::take_messages() {
  while (messages_.size() >= kMessageHeader) {
    const Bytes in = messages_.readable();
    Reader header(in.first(kMessageHeader), messages_.offset());
    TRY(const std::uint8_t type, header.u8("msg_type"));
    TRY(const std::uint32_t length, header.u24("length"));
    if (length > limits_.bytes) return fail(kFlightTooLong, fmt::format("a message of {} bytes", length));
    if (in.size() < kMessageHeader + length) return false;
    TRY(const bool over,
        read_message(type, in.subspan(kMessageHeader, length), messages_.offset() + kMessageHeader));
    messages_.consume(kMessageHeader + length);
    if (over) return true;
  }
  return false;
}

Result<bool> FlightReader::read_message(std::uint8_t type, Bytes body, std::uint64_t offset) {
  if (type != kServerHello && !flight_.hello)
    return fail(kBadFlight, WirePos{offset, -1, "ServerHello must be first"});
  switch (type) {
    case kServerHello:
      if (flight_.hello) return fail(kBadFlight, WirePos{offset, -1, "second ServerHello"});
      TRY_VOID(read_hello(body, offset));
      return until_ == Until::hello || (flight_.hello->version >= kTls13Version &&
                                        (until_ != Until::sealed || flight_.hello->retry_request));
    case kCertificate:
      TRY_VOID(read_certificates(body, offset));
      return false;
    case kServerKeyExchange:
      read_key_exchange(body);
      return false;
    case kCertificateRequest:
      flight_.certificate_requested = true;
      return false;
    case kCertificateStatus:
      flight_.stapled = true;
      return false;
    case kServerHelloDone:
      flight_.hello_done = true;
      return true;
    default:
      return false;
  }
}

Result<> FlightReader::read_hello(Bytes body, std::uint64_t offset) {
  Reader in(body, offset);
  ServerHello hello;
  TRY(hello.version, in.u16("legacy_version"));
  TRY(const Bytes random, in.take(32, "random"));
  TRY(const Bytes session_id, in.vec8("session_id"));
  TRY(hello.suite, in.u16("cipher_suite"));
  TRY(hello.compression, in.u8("compression_method"));
  hello.random = as_text(random);
  hello.session_id = as_text(session_id);
  hello.retry_request = hello.random == kRetryRandom;
  if (!in.done()) {
    TRY(const Bytes extensions, in.vec16("extensions"));
    Reader list(extensions, in.offset() - extensions.size());
    while (!list.done()) {
      if (hello.extensions.size() == kMostExtensions)
        return fail(kBadFlight, WirePos{list.offset(), -1, "extensions"});
      TRY(const std::uint16_t type, list.u16("extension_type"));
      TRY(const Bytes value, list.vec16("extension_data"));
      hello.extensions.push_back({type, std::string(as_text(value))});
    }
  }
  if (const HelloExtension* const e = hello.extension(kSupportedVersions)) {
    if (e->body.size() != 2) return fail(kBadFlight, WirePos{offset, -1, "supported_versions"});
    hello.version = number16(e->body);
  }
  flight_.hello = std::move(hello);
  return {};
}

Result<> FlightReader::read_certificates(Bytes body, std::uint64_t offset) {
  Reader in(body, offset);
  TRY(const Bytes all, in.vec24("certificate_list"));
  Reader list(all, offset + 3);
  while (!list.done()) {
    if (flight_.certificates.size() == limits_.certificates)
      return fail(kFlightTooLong, fmt::format("more than {} certificates", limits_.certificates));
    TRY(const Bytes one, list.vec24("certificate"));
    flight_.certificates.emplace_back(as_text(one));
  }
  return {};
}

/// A shape that is not understood is no fault of the server: explicit curves and PSK hints exist.
void FlightReader::read_key_exchange(Bytes body) {
  const SuiteFacts suite = suite_facts(flight_.hello->suite);
  if (suite.preshared || suite.name.empty()) return;
  ServerKeyExchange out;
  Reader in(body, 0);
  if (suite.name.contains("ECDH")) {
    const auto curve_type = in.u8("curve_type");
    const auto group = in.u16("namedcurve");
    const auto point = in.vec8("point");
    if (!curve_type || *curve_type != 3 || !group || !point) return;  // RFC 8422 5.4: 3 is named_curve
    out.group = *group;
    out.public_value = as_text(*point);
  } else if (suite.dhe) {
    const auto p = in.vec16("dh_p");
    const auto generator = in.vec16("dh_g");
    const auto ours = in.vec16("dh_Ys");
    if (!p || !generator || !ours) return;
    out.public_value = as_text(*ours);
    const auto* first = std::ranges::find_if(*p, [](std::byte b) { return b != std::byte{0}; }).base();
    const auto left = static_cast<std::size_t>(p->data() + p->size() - first);
    out.dh_prime = as_text(p->last(left));
    if (left > 0)
      out.dh_bits = static_cast<unsigned>((left - 1) * 8) +
                    static_cast<unsigned>(std::bit_width(std::to_integer<unsigned>(*first)));
  } else {
    return;
  }
  if (flight_.hello->version == 0x0303 && !suite.anonymous)
    if (const auto algorithm = in.u16("signature_algorithm")) out.signature_algorithm = *algorithm;
  flight_.key_exchange = out;
}

Result<bool> FlightReader::read_ssl2(Bytes in) {
  const std::size_t length =
      (std::to_integer<std::size_t>(in[0]) & 0x7f) << 8 | std::to_integer<std::size_t>(in[1]);
  if (in.size() < 2 + length) return false;
  Reader body(in.subspan(2, length), 2);
  TRY_VOID(body.take(3, "msg_type, session_id_hit, certificate_type"));
  TRY(const std::uint16_t version, body.u16("version"));
  TRY(const std::uint16_t certificate, body.u16("certificate_length"));
  TRY(const std::uint16_t kinds, body.u16("cipher_specs_length"));
  TRY_VOID(body.u16("connection_id_length"));
  if (version != 2 || kinds % 3 != 0) return fail(kBadFlight, WirePos{2, -1, "SSL 2.0 SERVER-HELLO"});
  TRY(const Bytes der, body.take(certificate, "certificate"));
  ServerHello hello{.version = version, .random = {}, .session_id = {}, .extensions = {}, .ssl2_kinds = {}};
  for (std::size_t i = 0; i < kinds; i += 3) {
    TRY(const std::uint32_t kind, body.u24("cipher_spec"));
    hello.ssl2_kinds.push_back(kind);
  }
  if (!der.empty()) flight_.certificates.emplace_back(as_text(der));
  flight_.hello = std::move(hello);
  return true;
}

Result<bool> FlightReader::read_stranger(Bytes in) {
  flight_.stranger = stranger_of(in);
  flight_.banner =
      flight_.stranger == Stranger::unknown || flight_.stranger == Stranger::mysql ? "" : first_line(in);
  return true;
}

}  // namespace sally::tls
