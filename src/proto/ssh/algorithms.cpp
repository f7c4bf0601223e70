#include "proto/ssh/algorithms.h"

#include <algorithm>
#include <iterator>

namespace sally::ssh {
namespace {

using enum Use;
using enum Strength;
using enum Level;

constexpr std::string_view kSha1 = "SHA-1; RFC 9142 (2022) says SHOULD NOT", kNoPfs = "no forward secrecy",
                           kGroup1 = "1024 bits that many servers share; off in OpenSSH since 7.0 (2015)",
                           kShaSignature = "signs with SHA-1; off in OpenSSH since 8.8 (2021)",
                           kDsa =
                               "DSA with 1024 bits; off in OpenSSH since 7.0 (2015), gone since 10.0 (2025)",
                           kCbc = "CBC mode; off in OpenSSH since 6.7 (2014)",
                           k64 = "blocks of 64 bits; off in OpenSSH since 7.6 (2017) and before",
                           kRc4 = "RC4; off in OpenSSH since 6.7 (2014), gone since 7.6",
                           kMd5 = "MD5; off in OpenSSH since 7.2 (2016)",
                           kShort = "a seal of 96 bits or less",
                           kSha1Mac = "SHA-1; better ones are everywhere", kAndMac = "64 bits of seal";
constexpr std::string_view kRfc9142 = "RFC 9142 4", kRfc8332 = "RFC 8332 1", kRfc8758 = "RFC 8758",
                           kTable = "NIST SP 800-131A", kCve = "CVE-2008-5161";

// clang-format off
constexpr AlgorithmFacts kRows[] = {
    {kex, "mlkem768x25519-sha256", sound, hardened, true, "", ""},
    {kex, "mlkem768nistp256-sha256", sound, hardened, true, "", ""},
    {kex, "mlkem1024nistp384-sha384", sound, hardened, true, "", ""},
    {kex, "sntrup761x25519-sha512", sound, hardened, true, "", ""},
    {kex, "sntrup761x25519-sha512@openssh.com", sound, hardened, true, "", ""},
    {kex, "curve25519-sha256", sound, intermediate, false, "", ""},
    {kex, "curve25519-sha256@libssh.org", sound, intermediate, false, "", ""},
    {kex, "curve448-sha512", sound, intermediate, false, "", ""},
    {kex, "ecdh-sha2-nistp256", sound, intermediate, false, "", ""},
    {kex, "ecdh-sha2-nistp384", sound, intermediate, false, "", ""},
    {kex, "ecdh-sha2-nistp521", sound, intermediate, false, "", ""},
    {kex, "diffie-hellman-group-exchange-sha256", sound, intermediate, false, "", ""},
    {kex, "diffie-hellman-group14-sha256", sound, intermediate, false, "", ""},
    {kex, "diffie-hellman-group15-sha512", sound, intermediate, false, "", ""},
    {kex, "diffie-hellman-group16-sha512", sound, intermediate, false, "", ""},
    {kex, "diffie-hellman-group17-sha512", sound, intermediate, false, "", ""},
    {kex, "diffie-hellman-group18-sha512", sound, intermediate, false, "", ""},
    {kex, "sntrup4591761x25519-sha512@tinyssh.org", old, none, true, "a first form of sntrup; gone from OpenSSH since 8.5 (2021)", "OpenSSH 8.5"},
    {kex, "diffie-hellman-group14-sha1", old, none, false, kSha1, kRfc9142},
    {kex, "diffie-hellman-group-exchange-sha1", weak, none, false, kSha1, kRfc9142},
    {kex, "diffie-hellman-group1-sha1", broken, none, false, kGroup1, "RFC 9142 4, CVE-2015-4000"},
    {kex, "diffie-hellman-group1-sha256", broken, none, false, kGroup1, "CVE-2015-4000"},
    {kex, "rsa1024-sha1", broken, none, false, kNoPfs, kRfc9142},
    {kex, "rsa2048-sha256", old, none, false, kNoPfs, kRfc9142},
    {kex, "gss-gex-sha1-toWM5Slw5Ew8Mqkay+al2g==", weak, none, false, kSha1, "RFC 8732 4"},
    {kex, "gss-group1-sha1-toWM5Slw5Ew8Mqkay+al2g==", broken, none, false, kGroup1, "RFC 8732 4"},
    {kex, "gss-group14-sha1-toWM5Slw5Ew8Mqkay+al2g==", old, none, false, kSha1, "RFC 8732 4"},

    {host_key, "ssh-ed25519", sound, hardened, false, "", ""},
    {host_key, "ssh-ed25519-cert-v01@openssh.com", sound, hardened, false, "", ""},
    {host_key, "sk-ssh-ed25519@openssh.com", sound, hardened, false, "", ""},
    {host_key, "sk-ssh-ed25519-cert-v01@openssh.com", sound, hardened, false, "", ""},
    {host_key, "ssh-ed448", sound, intermediate, false, "", ""},
    {host_key, "ssh-mldsa-44", sound, hardened, true, "", ""},
    {host_key, "ssh-mldsa-65", sound, hardened, true, "", ""},
    {host_key, "ssh-mldsa-87", sound, hardened, true, "", ""},
    {host_key, "rsa-sha2-256", sound, hardened, false, "", ""},
    {host_key, "rsa-sha2-512", sound, hardened, false, "", ""},
    {host_key, "rsa-sha2-256-cert-v01@openssh.com", sound, hardened, false, "", ""},
    {host_key, "rsa-sha2-512-cert-v01@openssh.com", sound, hardened, false, "", ""},
    {host_key, "ecdsa-sha2-nistp256", sound, intermediate, false, "", ""},
    {host_key, "ecdsa-sha2-nistp384", sound, intermediate, false, "", ""},
    {host_key, "ecdsa-sha2-nistp521", sound, intermediate, false, "", ""},
    {host_key, "ecdsa-sha2-nistp256-cert-v01@openssh.com", sound, intermediate, false, "", ""},
    {host_key, "ecdsa-sha2-nistp384-cert-v01@openssh.com", sound, intermediate, false, "", ""},
    {host_key, "ecdsa-sha2-nistp521-cert-v01@openssh.com", sound, intermediate, false, "", ""},
    {host_key, "ssh-rsa", weak, none, false, kShaSignature, kRfc8332},
    {host_key, "ssh-rsa-cert-v01@openssh.com", weak, none, false, kShaSignature, kRfc8332},
    {host_key, "ssh-dss", broken, none, false, kDsa, kTable},
    {host_key, "ssh-dss-cert-v01@openssh.com", broken, none, false, kDsa, kTable},
    {host_key, "x509v3-sign-rsa", weak, none, false, kShaSignature, kRfc8332},
    {host_key, "x509v3-sign-dss", broken, none, false, kDsa, kTable},

    {cipher, "chacha20-poly1305@openssh.com", sound, hardened, false, "", ""},
    {cipher, "aes128-gcm@openssh.com", sound, hardened, false, "", ""},
    {cipher, "aes256-gcm@openssh.com", sound, hardened, false, "", ""},
    {cipher, "aes128-ctr", sound, hardened, false, "", ""},
    {cipher, "aes192-ctr", sound, hardened, false, "", ""},
    {cipher, "aes256-ctr", sound, hardened, false, "", ""},
    {cipher, "AEAD_AES_128_GCM", sound, hardened, false, "", ""},
    {cipher, "AEAD_AES_256_GCM", sound, hardened, false, "", ""},
    {cipher, "camellia128-ctr", sound, intermediate, false, "", ""},
    {cipher, "camellia256-ctr", sound, intermediate, false, "", ""},
    {cipher, "twofish128-ctr", old, none, false, "hardly examined in SSH", "RFC 4344"},
    {cipher, "twofish256-ctr", old, none, false, "hardly examined in SSH", "RFC 4344"},
    {cipher, "aes128-cbc", weak, none, false, kCbc, kCve},
    {cipher, "aes192-cbc", weak, none, false, kCbc, kCve},
    {cipher, "aes256-cbc", weak, none, false, kCbc, kCve},
    {cipher, "rijndael-cbc@lysator.liu.se", weak, none, false, kCbc, kCve},
    {cipher, "camellia128-cbc", weak, none, false, kCbc, kCve},
    {cipher, "camellia256-cbc", weak, none, false, kCbc, kCve},
    {cipher, "twofish-cbc", weak, none, false, kCbc, kCve},
    {cipher, "twofish128-cbc", weak, none, false, kCbc, kCve},
    {cipher, "twofish256-cbc", weak, none, false, kCbc, kCve},
    {cipher, "3des-cbc", broken, none, false, k64, "CVE-2016-2183"},
    {cipher, "3des-ctr", broken, none, false, k64, "CVE-2016-2183"},
    {cipher, "blowfish-cbc", broken, none, false, k64, "CVE-2016-2183"},
    {cipher, "blowfish-ctr", broken, none, false, k64, "CVE-2016-2183"},
    {cipher, "cast128-cbc", broken, none, false, k64, "CVE-2016-2183"},
    {cipher, "idea-cbc", broken, none, false, k64, "CVE-2016-2183"},
    {cipher, "des-cbc", broken, none, false, "56 bits", "RFC 4344"},
    {cipher, "des-cbc@ssh.com", broken, none, false, "56 bits", "RFC 4344"},
    {cipher, "arcfour", broken, none, false, kRc4, kRfc8758},
    {cipher, "arcfour128", broken, none, false, kRc4, kRfc8758},
    {cipher, "arcfour256", broken, none, false, kRc4, kRfc8758},
    {cipher, "none", broken, none, false, "everything goes in clear", "RFC 4253 6.3"},

    {mac, "hmac-sha2-256-etm@openssh.com", sound, hardened, false, "", ""},
    {mac, "hmac-sha2-512-etm@openssh.com", sound, hardened, false, "", ""},
    {mac, "umac-128-etm@openssh.com", sound, hardened, false, "", ""},
    {mac, "hmac-sha2-256", sound, intermediate, false, "", ""},
    {mac, "hmac-sha2-512", sound, intermediate, false, "", ""},
    {mac, "umac-128@openssh.com", sound, intermediate, false, "", ""},
    {mac, "AEAD_AES_128_GCM", sound, hardened, false, "", ""},
    {mac, "AEAD_AES_256_GCM", sound, hardened, false, "", ""},
    {mac, "hmac-sha1", old, none, false, kSha1Mac, "NIST SP 800-131A"},
    {mac, "hmac-sha1-etm@openssh.com", old, none, false, kSha1Mac, "NIST SP 800-131A"},
    {mac, "umac-64@openssh.com", old, none, false, kAndMac, "RFC 4418 6"},
    {mac, "umac-64-etm@openssh.com", old, none, false, kAndMac, "RFC 4418 6"},
    {mac, "hmac-ripemd160", old, none, false, "gone from OpenSSH since 7.6 (2017)", "OpenSSH 7.6"},
    {mac, "hmac-ripemd160@openssh.com", old, none, false, "gone from OpenSSH since 7.6 (2017)", "OpenSSH 7.6"},
    {mac, "hmac-ripemd160-etm@openssh.com", old, none, false, "gone from OpenSSH since 7.6 (2017)", "OpenSSH 7.6"},
    {mac, "hmac-sha1-96", weak, none, false, kShort, "RFC 4253 6.4"},
    {mac, "hmac-sha1-96-etm@openssh.com", weak, none, false, kShort, "RFC 4253 6.4"},
    {mac, "hmac-md5", weak, none, false, kMd5, "RFC 6151"},
    {mac, "hmac-md5-etm@openssh.com", weak, none, false, kMd5, "RFC 6151"},
    {mac, "hmac-md5-96", weak, none, false, kMd5, "RFC 6151"},
    {mac, "hmac-md5-96-etm@openssh.com", weak, none, false, kMd5, "RFC 6151"},
    {mac, "none", broken, none, false, "nobody notices changed bytes", "RFC 4253 6.4"},
};
// clang-format on

}  // namespace

const AlgorithmFacts* algorithm_facts(Use use, std::string_view name) {
  const auto* const it = std::ranges::find_if(
      kRows, [&](const AlgorithmFacts& row) { return row.use == use && row.name == name; });
  return it == std::end(kRows) ? nullptr : it;
}

bool is_marker(std::string_view name) {
  return name == "ext-info-s" || name == "ext-info-c" || name == "kex-strict-s-v00@openssh.com" ||
         name == "kex-strict-c-v00@openssh.com" || name == "kexguess2@matt.ucc.asn.au";
}

}  // namespace sally::ssh
