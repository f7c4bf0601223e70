// cert/chain_warnings.h - what will soon, or already does, make clients refuse a site's certificate.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/chain.h"

namespace sally::cert {

/// Sentences with file and mend, for a certificate from a file: those of the loader, near its end,
/// self-signed, of a kind that browsers do not take, not covering one of `names`. They hold dates and no
/// counts of days, so that a sentence stays the same while its cause does.
std::vector<std::string> chain_warnings(const crypto::CertificateChain& chain, std::string_view file,
                                        std::span<const std::string> names, WallTime now);

/// Less than a quarter of its life is left: whatever renews it, at a third or at 30 of 90 days, is late.
bool ends_soon(const crypto::Certificate& certificate, WallTime now);

}  // namespace sally::cert
