// check/report/ike_words.h - what was seen of an IPsec gateway, as rows for people and as JSON for programs.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "check/ike_seen.h"

namespace sally::check {

/// Name and text of each row. Texts of vendors are as the server sent them.
std::vector<std::pair<std::string, std::string>> ike_rows(const IkeSeen& seen);

/// The member "ipsec".
void write_ike(JsonText& json, const IkeSeen& seen);

}  // namespace sally::check
