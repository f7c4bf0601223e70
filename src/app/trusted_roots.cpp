#include "app/trusted_roots.h"

#include <utility>

#include "app/terminal.h"
#include "cert/describe.h"
#include "crypto/chain.h"
#include "os/file.h"

namespace sally::app {
namespace {

constexpr crypto::CertificateLimits kRootLimits{std::size_t{8} << 20, 2000};

Result<std::optional<crypto::TrustStore>> named_roots(const std::vector<std::string>& files) {
  if (files.empty()) return std::nullopt;
  std::vector<crypto::Certificate> all;
  for (const std::string& path : files) {
    TRY(const FileText file, read_file(path, kRootLimits.bytes));
    auto roots = crypto::parse_certificates(as_bytes(file.text), kRootLimits);
    if (!roots)
      return std::unexpected(fail(crypto::kChainUnusable, path).error().because(std::move(roots).error()));
    all.insert(all.end(), roots->begin(), roots->end());
  }
  TRY(crypto::TrustStore store, crypto::TrustStore::of(all));
  return store;
}

}  // namespace

Result<TrustedRoots> trusted_roots(const std::vector<std::string>& files, std::ostream& err) {
  TrustedRoots out;
  TRY(out.named, named_roots(files));
  auto system = cert::system_roots();
  if (system)
    out.system = *std::move(system);
  else if (!out.named)
    tell(err, system.error());
  return out;
}

}  // namespace sally::app
