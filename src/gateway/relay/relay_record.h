// gateway/relay/relay_record.h - what the log and the counters hear of a relayed connection when it has
// ended.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "gateway/settings.h"
#include "http/connection_facts.h"

namespace sally::gateway {

struct RelayRecord {
  http::ConnectionFacts facts;
  std::string_view
      protocol;  ///< the registry's id, "ssh", "openvpn", "tls" for what was not decrypted, or ""
  std::uint32_t transfers = 0;  ///< data connections of FTP; their bytes count with the others
  bool starttls = false;        ///< TLS began after a dialogue in plain text
  bool datagrams = false;       ///< a session of UDP
  bool passed = false;          ///< on as it was, not decrypted
  std::string_view site;        ///< whose certificate was shown
  std::string backend;
  std::uint64_t to_client = 0, from_client = 0;  ///< bytes of the protocol inside
  std::string_view ended_by;                     ///< "client", "backend", "" when it never came to that
  std::string_view failure;                      ///< the id of an error
  TimePoint began{};
};

/// One line, in JSON or, with fewer fields, in the form of the common log format.
void append_relay_line(std::string& out, LogFormat format, const RelayRecord& record, std::int64_t unix_now,
                       TimePoint now);

}  // namespace sally::gateway
