// proto/protocol.h - the one registry of secure protocols: names, ports, and how TLS comes in.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "proto/dialogue.h"

namespace sally::proto {

enum class TlsEntry : std::uint8_t {
  at_once,   ///< the first byte is TLS
  starttls,  ///< a dialogue in plain text comes before
  packed,    ///< inside packets of OpenVPN's control channel
  never,     ///< the protocol has seals of its own
};

/// A row of all.cpp.
struct Protocol {
  std::string_view id;     ///< "smtp": the scheme of a target
  std::string_view title;  ///< for people
  std::string_view source;
  TlsEntry entry = TlsEntry::at_once;
  std::span<const std::uint16_t> ports = {};  ///< the first is meant when none is named
  bool is_http = false;
  std::string_view alpn = {};  ///< its name in ALPN (RFC 7301, IANA); empty: it has none, or several
  bool by_udp = false;
  /// The client's way to TLS; null where entry is at_once.
  std::unique_ptr<Dialogue> (*starttls)(const DialogueNames&) = nullptr;
  /// A dialogue of its own that asks whether passwords are taken without TLS; null: the way to TLS tells.
  std::unique_ptr<Dialogue> (*plain_login)(const DialogueNames&) = nullptr;
  /// A harmless command that every server answers: put behind the request for TLS, it must be forgotten.
  /// Null: there is none.
  std::string (*early_command)(const DialogueNames&) = nullptr;
  /// An answer inside TLS with this in it refuses the early command for what it is; empty: silence does.
  std::string_view early_refusal = {};
};

std::span<const Protocol> all_protocols();
/// By id, in any case of letters; null: there is none.
const Protocol* protocol_named(std::string_view id);
/// What is usual on a port; null: nothing is.
const Protocol* protocol_of_port(std::uint16_t port);

}  // namespace sally::proto
