// check/ssh_mend.h - what to write into sshd_config so that a finding about SSH goes away.
#pragma once
#include <string_view>

#include "check/ssh_seen.h"

namespace sally::check {

/// "openssh" where it is one that is known; empty: another.
std::string_view ssh_software(const SshSeen& seen);

/// Lines of sshd_config; empty: there are none for this finding.
std::string_view ssh_mend(std::string_view finding_id);

}  // namespace sally::check
