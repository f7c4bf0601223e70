// check/ike_seen.h - the facts that probes find out about an IPsec gateway by IKE; no opinions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "proto/ike/offer.h"
#include "proto/ike/phase1.h"

namespace sally::check {

/// IKEv2, by IKE_SA_INIT.
struct IkeV2Seen {
  std::vector<ike::Transform> encryption, integrity, prf;
  std::vector<ike::Transform> groups;      ///< in the order in which the server asked for them
  std::vector<ike::Transform> additional;  ///< key exchanges behind the first one (RFC 9370)
  bool complete = false;                   ///< all that is known here was asked for, and answered
  std::optional<ike::Proposal> chosen;     ///< what it took when all was offered; absent: it took nothing
  bool cookies = false;                    ///< it asked for one before it did any work
  bool fragmentation = false, nat_detection = false, intermediate = false, childless = false;
  std::vector<std::uint16_t> signature_hashes;  ///< RFC 7427; empty: not named
};

/// What a datagram to the other of the two ports met.
enum class IkePort : std::uint8_t { untested, answers, silent, closed };

struct IkeSeen {
  std::optional<IkeV2Seen> v2;             ///< absent: version 2 was not answered, or everything refused
  bool refuses_v2 = false;                 ///< it answered that no proposal suits
  std::optional<ike::Phase1> main_mode;    ///< of IKEv1, when all was offered
  std::optional<ike::Phase1> weak_mode;    ///< when only weak was offered
  std::optional<ike::Phase1> aggressive;   ///< in aggressive mode
  bool gave_hash = false;                  ///< there, over a pre-shared key, to somebody unknown
  std::vector<std::string> vendors;        ///< by name
  IkePort other_port = IkePort::untested;  ///< 4500 beside 500
};

}  // namespace sally::check
