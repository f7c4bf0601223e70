// check/report/ssh_words.h - what was seen of an SSH server, as rows for people and as JSON for programs.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "check/ssh_seen.h"

namespace sally::check {

/// Name and text of each row. The texts are as the server sent them.
std::vector<std::pair<std::string, std::string>> ssh_rows(const SshSeen& seen);

/// The member "ssh".
void write_ssh(JsonText& json, const SshSeen& seen);

}  // namespace sally::check
