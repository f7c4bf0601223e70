// check/ssh_seen.h - the facts that probes find out about an SSH server; no opinions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "proto/ssh/client.h"

namespace sally::check {

struct SshKeySeen {
  ssh::HostKey key;
  std::string algorithm;  ///< that it signed with
  bool proven = false;    ///< its holder signed the key exchange
};

struct SshSeen {
  std::string banner;
  std::optional<ssh::Lists> lists;                  ///< absent: only the banner came
  std::string kex;                                  ///< that a key exchange was done with; empty: none was
  std::vector<SshKeySeen> keys;                     ///< one of each type
  std::vector<std::string> signatures;              ///< that a user's key may sign with (RFC 8308)
  std::optional<std::vector<std::string>> methods;  ///< of authentication; absent: not known
  bool let_in = false;                              ///< without any proof of who one is
  std::optional<std::string> user;                  ///< whose credentials were given; absent: none were
  ssh::LoginHeard login;                            ///< with them

  /// "OpenSSH_9.9" of "SSH-2.0-OpenSSH_9.9 Debian-1".
  std::string software() const;
};

}  // namespace sally::check
