#include "check/ssh_mend.h"

#include <algorithm>
#include <iterator>

namespace sally::check {
namespace {

// A list that begins with a minus is taken out of OpenSSH's own list, which knows its version's best (since
// 7.5); names in it need not be known to the server.
constexpr std::string_view
    kKex = "KexAlgorithms -*-sha1,diffie-hellman-group1-*",
    kCiphers = "Ciphers -*-cbc,arcfour*,*des*,blowfish*,cast128*",
    kMacs = "MACs -*sha1*,*md5*,*ripemd160*,umac-64*", kHostKeys = "HostKeyAlgorithms -ssh-rsa*,ssh-dss*",
    kTerrapin = "Ciphers -chacha20-poly1305@openssh.com,*-cbc,arcfour*,*des*,blowfish*,cast128*",
    kPasswords = "PasswordAuthentication no\nKbdInteractiveAuthentication no",
    kRsa =
        "# ssh-keygen -q -N '' -t rsa -b 3072 -f /etc/ssh/ssh_host_rsa_key\nHostKey "
        "/etc/ssh/ssh_host_ed25519_key\nHostKey /etc/ssh/ssh_host_rsa_key";

struct Row {
  std::string_view id, text;
};
constexpr Row kRows[] = {{"ssh.kex_broken", kKex},
                         {"ssh.kex_weak", kKex},
                         {"ssh.kex_old", kKex},
                         {"ssh.post_quantum", kKex},
                         {"ssh.cipher_broken", kCiphers},
                         {"ssh.cipher_weak", kCiphers},
                         {"ssh.cipher_old", kCiphers},
                         {"ssh.mac_broken", kMacs},
                         {"ssh.mac_weak", kMacs},
                         {"ssh.mac_old", kMacs},
                         {"ssh.host_key_broken", kHostKeys},
                         {"ssh.host_key_weak", kHostKeys},
                         {"ssh.terrapin", kTerrapin},
                         {"ssh.passwords", kPasswords},
                         {"ssh.no_sftp", "Subsystem sftp internal-sftp"},
                         {"ssh.host_key_size", kRsa},
                         {"ssh.host_key_short", kRsa}};

}  // namespace

std::string SshSeen::software() const {
  const std::size_t dash = banner.find('-', 4);
  if (dash == std::string::npos) return {};
  const std::string rest = banner.substr(dash + 1);
  return rest.substr(0, rest.find(' '));
}

std::string_view ssh_software(const SshSeen& seen) {
  return seen.software().starts_with("OpenSSH") ? "openssh" : std::string_view();
}

std::string_view ssh_mend(std::string_view finding_id) {
  const auto* const it = std::ranges::find(kRows, finding_id, &Row::id);
  return it == std::end(kRows) ? std::string_view() : it->text;
}

}  // namespace sally::check
