#include "tls/message_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/escape.h"
#include "base/reader.h"
#include "tls/groups.h"
#include "tls/handshake_message.h"
#include "tls/hello_builder.h"
#include "tls/signature_names.h"
#include "tls/suite_facts.h"

namespace sally::tls {
namespace {

using Lines = std::vector<std::string>;
constexpr std::size_t kMostNames = 6;

std::string group_words(std::uint16_t code) {
  const GroupFacts* const g = group_facts(code);
  return g ? std::string(g->name) : fmt::format("{:#06x}", code);
}

std::string suite_words(std::uint16_t code) {
  const SuiteFacts f = suite_facts(code);
  return f.name.empty() ? fmt::format("{:#06x}", code) : std::string(f.name);
}

/// The first few names; a hello may hold hundreds.
template <typename Name>
Result<std::string> listed(Bytes list, Name name) {
  Reader in(list, 0);
  std::vector<std::string> out;
  std::size_t more = 0;
  while (!in.done()) {
    TRY(const std::uint16_t code, in.u16("entry"));
    if (out.size() < kMostNames)
      out.push_back(name(code));
    else
      ++more;
  }
  return fmt::format("{}{}", fmt::join(out, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

Result<std::string> protocols_of(Reader& in) {
  TRY(const Bytes list, in.vec16("protocol_name_list"));
  Reader names(list, 0);
  std::vector<std::string> out;
  while (!names.done()) {
    TRY(const Bytes one, names.vec8("protocol_name"));
    if (out.size() < kMostNames) out.push_back(visible(as_text(one)));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

Result<std::string> server_name_of(Reader& in) {
  if (in.done()) return std::string();
  TRY(const Bytes list, in.vec16("server_name_list"));
  Reader entry(list, 0);
  TRY_VOID(entry.u8("name_type"));
  TRY(const Bytes name, entry.vec16("host_name"));
  return visible(as_text(name));
}

Result<std::string> shares_of(Reader& in) {
  TRY(const Bytes list, in.vec16("client_shares"));
  Reader shares(list, 0);
  std::vector<std::string> out;
  while (!shares.done()) {
    TRY(const std::uint16_t group, shares.u16("group"));
    TRY(const Bytes key, shares.vec16("key_exchange"));
    if (out.size() < kMostNames) out.push_back(fmt::format("{} ({} bytes)", group_words(group), key.size()));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

/// One extension of a ClientHello; unknown ones say nothing.
Result<> client_extension(std::uint16_t type, Reader in, Lines& out) {
  switch (type) {
    case 0: {
      TRY(const std::string name, server_name_of(in));
      out.push_back("asks for " + name);
      return {};
    }
    case 10: {
      TRY(const Bytes list, in.vec16("named_group_list"));
      TRY(const std::string names, listed(list, group_words));
      out.push_back("knows the groups " + names);
      return {};
    }
    case 13: {
      TRY(const Bytes list, in.vec16("supported_signature_algorithms"));
      TRY(const std::string names, listed(list, signature_name));
      out.push_back("takes the signatures " + names);
      return {};
    }
    case 16: {
      TRY(const std::string names, protocols_of(in));
      out.push_back("wants to speak " + names);
      return {};
    }
    case 35:
      if (!in.done()) out.emplace_back("brings a session ticket");
      return {};
    case 41:
      out.emplace_back("wants to resume a session");
      return {};
    case 42:
      out.emplace_back("sends early data");
      return {};
    case 43: {
      TRY(const Bytes list, in.vec8("versions"));
      TRY(const std::string names, listed(list, version_name));
      out.push_back("offers " + names);
      return {};
    }
    case 51: {
      TRY(const std::string shares, shares_of(in));
      out.push_back("sends keys of " + shares);
      return {};
    }
    default:
      return {};
  }
}

Result<> server_extension(std::uint16_t type, Reader in, bool retry, Lines& out) {
  switch (type) {
    case 16: {
      TRY(const std::string name, protocols_of(in));
      out.push_back("will speak " + name);
      return {};
    }
    case 41:
      out.emplace_back("resumes the session");
      return {};
    case 42:
      out.emplace_back("takes early data");
      return {};
    case 51: {
      TRY(const std::uint16_t group, in.u16("group"));
      out.push_back((retry ? "asks for a key of " : "sends a key of ") + group_words(group));
      return {};
    }
    case 23:
      out.emplace_back("binds the keys to the whole handshake (extended master secret)");
      return {};
    default:
      return {};
  }
}

template <typename Each>
Result<> each_extension(Reader& in, Each each) {
  if (in.done()) return {};
  TRY(const Bytes all, in.vec16("extensions"));
  Reader list(all, 0);
  while (!list.done()) {
    TRY(const std::uint16_t type, list.u16("extension_type"));
    TRY(const Bytes body, list.vec16("extension_data"));
    TRY_VOID(each(type, Reader(body, 0)));
  }
  return {};
}

Result<> client_hello(Reader in, Lines& out) {
  TRY(const std::uint16_t legacy, in.u16("legacy_version"));
  TRY_VOID(in.take(32, "random"));
  TRY(const Bytes id, in.vec8("session_id"));
  TRY(const Bytes suites, in.vec16("cipher_suites"));
  TRY_VOID(in.vec8("compression_methods"));
  Lines later;
  bool named_versions = false;
  TRY_VOID(each_extension(in, [&](std::uint16_t type, Reader body) {
    named_versions |= type == 43;
    return client_extension(type, body, later);
  }));
  if (!named_versions) out.push_back("offers up to " + version_name(legacy));
  out.insert(out.end(), later.begin(), later.end());
  TRY(const std::string names, listed(suites, suite_words));
  out.push_back("knows the suites " + names);
  if (id.size() == 32 && named_versions)
    out.emplace_back("looks like TLS 1.2 to devices on the way (session id)");
  return {};
}

Result<> server_hello(Reader in, bool retry, Lines& out) {
  TRY(std::uint16_t version, in.u16("legacy_version"));
  TRY(const Bytes random, in.take(32, "random"));
  TRY_VOID(in.vec8("session_id"));
  TRY(const std::uint16_t suite, in.u16("cipher_suite"));
  TRY_VOID(in.u8("compression_method"));
  Lines later;
  TRY_VOID(each_extension(in, [&](std::uint16_t type, Reader body) -> Result<> {
    if (type != 43) return server_extension(type, body, retry, later);
    TRY(version, body.u16("selected_version"));
    return {};
  }));
  out.push_back(fmt::format("picks {} and {}", version_name(version), suite_words(suite)));
  out.insert(out.end(), later.begin(), later.end());
  // RFC 8446 4.1.3
  if (version < kTls13 && as_text(random).substr(24).starts_with("DOWNGRD"))
    out.emplace_back("says that it could speak a newer version");
  return {};
}

Result<> certificates(Reader in, std::uint16_t version, Lines& out) {
  if (version >= kTls13) {
    TRY_VOID(in.vec8("certificate_request_context"));
  }
  TRY(const Bytes all, in.vec24("certificate_list"));
  Reader list(all, 0);
  unsigned count = 0;
  while (!list.done()) {
    TRY_VOID(list.vec24("certificate"));
    if (version >= kTls13) {
      TRY_VOID(list.vec16("extensions"));
    }
    ++count;
  }
  out.push_back(count == 0 ? "no certificate"
                           : fmt::format("{} certificate{}", count, count == 1 ? "" : "s"));
  return {};
}

Result<> server_key_exchange(Reader in, Lines& out) {
  TRY(const std::uint8_t kind, in.u8("curve_type"));
  if (kind != 3) return {};  // RFC 8422 5.4: named_curve; finite fields look otherwise
  TRY(const std::uint16_t group, in.u16("namedcurve"));
  TRY_VOID(in.vec8("point"));
  TRY(const std::uint16_t algorithm, in.u16("algorithm"));
  out.push_back("sends a key of " + group_words(group));
  out.push_back("signs it with " + signature_name(algorithm));
  return {};
}

Result<> new_session_ticket(Reader in, std::uint16_t version, Lines& out) {
  TRY(const std::uint32_t lifetime, in.u32("ticket_lifetime"));
  out.push_back(fmt::format("gives a ticket for {} seconds", lifetime));
  if (version < kTls13) return {};
  TRY_VOID(in.u32("ticket_age_add"));
  TRY_VOID(in.vec8("ticket_nonce"));
  TRY_VOID(in.vec16("ticket"));
  return each_extension(in, [&](std::uint16_t type, Reader body) -> Result<> {
    if (type != 42) return {};
    TRY(const std::uint32_t most, body.u32("max_early_data_size"));
    out.push_back(fmt::format("allows {} bytes of early data", most));
    return {};
  });
}

Result<> words(std::uint8_t type, bool retry, Reader in, std::uint16_t version, Lines& out) {
  switch (type) {
    case 1:
      return client_hello(in, out);
    case 2:
      return server_hello(in, retry, out);
    case 4:
      return new_session_ticket(in, version, out);
    case 8:
      return each_extension(
          in, [&](std::uint16_t kind, Reader body) { return server_extension(kind, body, false, out); });
    case 11:
      return certificates(in, version, out);
    case 12:
      return server_key_exchange(in, out);
    case 13:
      out.emplace_back("asks for a certificate of the client");
      return {};
    case 15: {
      TRY(const std::uint16_t algorithm, in.u16("algorithm"));
      out.push_back("proves that it holds the key, with " + signature_name(algorithm));
      return {};
    }
    case 20:
      out.emplace_back("has seen the same handshake");
      return {};
    case 22:
      out.emplace_back("staples an OCSP answer");
      return {};
    case 25:
      out.emplace_back("the certificates, compressed");
      return {};
    default:
      return {};
  }
}

}  // namespace

std::vector<std::string> message_words(Bytes message, std::uint16_t version) {
  Lines out;
  const bool retry = describe_message(false, message, {}).retry_request;
  Reader header(message, 0);
  const auto type = header.u8("msg_type");
  const auto length = header.u24("length");
  const bool whole =
      type && length && *length == message.size() - header.offset() &&
      words(*type, retry, Reader(message.subspan(header.offset()), 0), version, out).has_value();
  if (!whole) out.emplace_back("breaks its grammar");
  return out;
}

}  // namespace sally::tls
