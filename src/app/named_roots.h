// app/named_roots.h - the roots that --ca names.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/trust_store.h"

namespace sally::app {

/// nullopt: no file was named. Errors: crypto.certificate_file_unusable with its cause, os.*.
Result<std::optional<crypto::TrustStore>> named_roots(const std::vector<std::string>& files);

}  // namespace sally::app
