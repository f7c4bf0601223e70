// proto/ssh/identity.h - a user's private key as OpenSSH keeps it in a file, and what it signs.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "crypto/raw_signer.h"
#include "proto/ssh/wire.h"

namespace sally::ssh {

inline constexpr ErrorKind kBadIdentity{
    "ssh.bad_identity",
    Blame::operator_config,
    Retry::never,
    "the file holds no private key that OpenSSH made and that can be used here",
    "make one of type ed25519 or rsa: ssh-keygen -t ed25519 -f FILE -N ''",
    "OpenSSH PROTOCOL.key",
    -1,
    0};
inline constexpr ErrorKind kLockedIdentity{
    "ssh.identity_locked",
    Blame::operator_config,
    Retry::never,
    "the private key is locked by a password",
    "name a key without one, made for this purpose: ssh-keygen -p -N '' -f COPY",
    "OpenSSH PROTOCOL.key",
    -1,
    0};

/// Of type ssh-ed25519 or ssh-rsa.
class Identity {
 public:
  /// text    of the file. Errors: ssh.bad_identity, ssh.identity_locked.
  /// source  OpenSSH PROTOCOL.key
  static Result<Identity> read(std::string_view text);

  const std::string& type() const { return type_; }
  /// The public key, as it goes over the wire.
  const std::string& blob() const { return blob_; }
  /// By one of "ssh-ed25519", "rsa-sha2-256", "rsa-sha2-512"; with its name, as it goes over the wire.
  /// Errors: crypto.call_failed.
  Result<std::string> signature(std::string_view algorithm, std::string_view text) const;

 private:
  Identity(std::string type, std::string blob, crypto::RawSigner signer)
      : type_(std::move(type)), blob_(std::move(blob)), signer_(std::move(signer)) {}

  std::string type_, blob_;
  crypto::RawSigner signer_;
};

}  // namespace sally::ssh
