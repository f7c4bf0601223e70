#include "tls/tls_config.h"

#include "config/block.h"

namespace sally::tls {

using config::Block;
using config::Count;
using config::List;
using config::Size;
using config::Switch;
using config::Time;
using config::Words;
using namespace std::chrono_literals;

const Block<TlsConfig>& TlsConfig::block() {
  using C = TlsConfig;
  static const Words<TlsVersion> kVersions{{{"1.2", TlsVersion::v1_2}, {"1.3", TlsVersion::v1_3}}};
  static const Words<Group> kGroups{{{"X25519MLKEM768", Group::x25519_mlkem768},
                                     {"X25519", Group::x25519},
                                     {"P-256", Group::p256},
                                     {"P-384", Group::p384}}};
  static const Block<C> kBlock =
      Block<C>("What a client may speak, and what a handshake may cost.")
          .key("min_version", &C::min_version, kVersions,
               "Oldest TLS that a client may speak; newer is always spoken.", "RFC 9325 3.1.1, RFC 8996")
          .key("groups", &C::groups, List<Words<Group>>{kGroups, 1, 4},
               "Key exchanges, in our order of preference; the first is safe against recorded traffic and "
               "future "
               "quantum computers.",
               "draft-ietf-tls-ecdhe-mlkem, RFC 8446 4.2.7")
          .key("handshake_timeout", &C::handshake_timeout, Time{1s, 2min},
               "From accepting a connection to the end of its handshake.",
               "h2o 10s, Apache Traffic Server 30s")
          .key("client_hello_limit", &C::client_hello_limit, Size{4096, 64 * 1024},
               "Longest ClientHello; one with a post-quantum key share has about 2 KiB.", "RFC 8446 4.1.2")
          .key("tickets", &C::tickets, Count{0, 8},
               "Tickets for resumption after a full handshake; 0 turns resumption off.", "RFC 8446 4.6.1")
          .key("ticket_rotation", &C::ticket_rotation, Time{10min, std::chrono::days(7)},
               "Age at which the key that encrypts tickets is replaced; keys live in memory only.",
               "RFC 9325 3.4, Caddy 12h")
          .key("ticket_keys", &C::ticket_keys, Count{2, 16},
               "Ticket keys that are kept: the current one and the older ones that still decrypt.", "Caddy 4")
          .key("certificate_compression", &C::certificate_compression, Switch{},
               "Send the certificate compressed to clients that can read it so.", "RFC 8879")
          .key("first_record_bytes", &C::first_record_bytes, Size{512, 16 * 1024},
               "Size of the first records of an answer: they fit a packet, so a browser can begin at once.",
               "h2o 1400, HAProxy 1419")
          .key("small_records_until", &C::small_records_until, Size{0, 16 * 1024 * 1024},
               "Bytes that are sent in small records before they grow to 16 KiB.", "h2o 64KiB")
          .key("record_idle", &C::record_idle, Time{100ms, 1min},
               "Silence after which records begin small again.", "HAProxy 1s, nghttpx 1s")
          .key("key_update_limit", &C::key_update_limit, Count{1, 10'000},
               "KeyUpdate messages a second; a client that sends more is disconnected.",
               "RFC 8446 4.6.3, HAProxy 100");
  return kBlock;
}

const Block<TlsConfig>& TlsConfig::site_block() {
  static const Block<TlsConfig> kBlock =
      block().only("What a client of this site may speak, where it differs from [tls].", "as in [tls]",
                   {"min_version", "groups", "tickets"});
  return kBlock;
}

}  // namespace sally::tls
