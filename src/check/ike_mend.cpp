#include "check/ike_mend.h"

#include <algorithm>
#include <iterator>

namespace sally::check {
namespace {

struct Row {
  std::string_view id, strongswan, libreswan;
};

constexpr std::string_view
    kSwanVersion = "# in connections.NAME of swanctl.conf; in ipsec.conf: keyexchange=ikev2\nversion = 2",
    kSwanProposals =
        "# in connections.NAME of swanctl.conf\nproposals = "
        "aes256gcm16-aes128gcm16-prfsha384-prfsha256-x25519-ecp384-ecp256-modp3072,"
        "aes256-aes128-sha384-sha256-x25519-ecp384-ecp256-modp3072",
    kSwanQuantum =
        "# in connections.NAME of swanctl.conf; ke1_mlkem768 needs strongSwan 6.0\nproposals = "
        "aes256gcm16-aes128gcm16-prfsha384-prfsha256-x25519-ecp384-ke1_mlkem768,"
        "aes256gcm16-aes128gcm16-prfsha384-prfsha256-x25519-ecp384-ecp256-modp3072",
    kSwanFragments =
        "# in connections.NAME of swanctl.conf; in ipsec.conf: fragmentation=yes\nfragmentation = yes",
    kSwanNat = "# strongswan.conf\ncharon {\n    port_nat_t = 4500\n}",
    kLibreVersion = "# in the conn of ipsec.conf; before libreswan 5: ikev2=insist\nkeyexchange=ikev2",
    kLibreProposals =
        "# in the conn of "
        "ipsec.conf\nike=aes_gcm256-sha2_512;dh19+dh20+dh31+dh15,aes256-sha2_256;dh19+dh20+dh31+dh15",
    kLibreAggressive = "# in the conn of ipsec.conf\naggressive=no",
    kLibreFragments = "# in the conn of ipsec.conf\nfragmentation=yes";

constexpr Row kRows[] = {{"ipsec.ikev1", kSwanVersion, kLibreVersion},
                         {"ipsec.ikev1_weak", kSwanVersion, kLibreVersion},
                         {"ipsec.aggressive", kSwanVersion, kLibreAggressive},
                         {"ipsec.aggressive_mode", kSwanVersion, kLibreAggressive},
                         {"ipsec.group_broken", kSwanProposals, kLibreProposals},
                         {"ipsec.group_weak", kSwanProposals, kLibreProposals},
                         {"ipsec.group_old", kSwanProposals, kLibreProposals},
                         {"ipsec.cipher_broken", kSwanProposals, kLibreProposals},
                         {"ipsec.cipher_weak", kSwanProposals, kLibreProposals},
                         {"ipsec.cipher_old", kSwanProposals, kLibreProposals},
                         {"ipsec.prf_weak", kSwanProposals, kLibreProposals},
                         {"ipsec.prf_old", kSwanProposals, kLibreProposals},
                         {"ipsec.integrity_weak", kSwanProposals, kLibreProposals},
                         {"ipsec.integrity_old", kSwanProposals, kLibreProposals},
                         {"ipsec.post_quantum", kSwanQuantum, {}},
                         {"ipsec.fragmentation", kSwanFragments, kLibreFragments},
                         {"ipsec.nat_traversal", kSwanNat, {}}};

const Row* row_of(std::string_view id) {
  const auto* const it = std::ranges::find(kRows, id, &Row::id);
  return it == std::end(kRows) ? nullptr : it;
}

}  // namespace

std::string_view strongswan_mend(std::string_view finding_id) {
  const Row* const row = row_of(finding_id);
  return row ? row->strongswan : std::string_view();
}

std::string_view libreswan_mend(std::string_view finding_id) {
  const Row* const row = row_of(finding_id);
  return row ? row->libreswan : std::string_view();
}

}  // namespace sally::check
