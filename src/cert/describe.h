// cert/describe.h - says in words what a certificate is, whether clients will accept it, and what to mend.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "cert/fetch.h"
#include "crypto/certificate.h"
#include "crypto/trust_store.h"

namespace sally::cert {

/// What is to be described.
struct Shown {
  std::string source;                             ///< the file, or "host:port"
  std::vector<crypto::Certificate> certificates;  ///< in their order; at least one
  std::string host;                               ///< that a client would ask for; empty: unknown
  std::optional<Handshake> handshake;             ///< of an endpoint
};

/// What it is judged by.
struct Judge {
  const crypto::TrustStore& roots;        ///< the system store
  const crypto::Certificate* local_root;  ///< of this user's local CA; null: none
  WallTime now;
};

struct Problem {
  bool fatal;  ///< clients refuse the certificate, or some of them do
  std::string what, mend;
};

struct Description {
  Shown shown;
  WallTime now;
  crypto::TrustVerdict verdict;
  bool by_local_ca = false;       ///< made by this user's local CA, trusted or not
  std::vector<Problem> problems;  ///< the worst first

  bool acceptable() const;  ///< no fatal problem
};

/// The first certificate is the one described; the others are its chain as it was sent.
Description describe(Shown shown, const Judge& judge);

/// For people: a block of facts and the problems with their mends.
std::string description_text(const Description& description);
/// For programs: the same facts as JSON; dates as RFC 3339 in UTC.
std::string description_json(const Description& description);

/// The roots that this system trusts, from the bundle file of Debian, Fedora, openSUSE, Alpine, Arch or BSD;
/// the environment variable SSL_CERT_FILE names another. Errors: os.not_found when there is none of them.
Result<crypto::TrustStore> system_roots();

}  // namespace sally::cert
