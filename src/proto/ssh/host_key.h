// proto/ssh/host_key.h - what a host shows to prove who it is: its public key, read and put to the proof.
#pragma once
#include <string>
#include <string_view>

#include "proto/ssh/wire.h"

namespace sally::ssh {

struct HostKey {
  std::string type;         ///< "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"
  unsigned bits = 0;        ///< 0: of a type that is not known
  std::string fingerprint;  ///< "SHA256:..." as OpenSSH writes it
};

/// The keys that sign with this algorithm: "ssh-rsa" for rsa-sha2-512. Empty: none that can be put to the
/// proof here.
std::string_view key_type_of(std::string_view algorithm);

/// blob    as it came (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4)
/// errors  base.truncated, ssh.malformed, crypto.bad_raw_key
Result<HostKey> read_host_key(std::string_view blob);

/// Did its holder sign `text`? `algorithm`: what was agreed on; the signature must name it (RFC 8332 3).
/// errors  base.truncated, ssh.malformed, crypto.bad_raw_key
Result<bool> is_signed_by(std::string_view blob, std::string_view algorithm, std::string_view signature,
                          std::string_view text);

}  // namespace sally::ssh
