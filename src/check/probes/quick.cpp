#include "check/gather.h"
#include "check/probes/all.h"
#include "check/probes/hello_kinds.h"

namespace sally::check {
namespace {

enum Extension : std::uint16_t {
  kEncryptThenMac = 22,
  kExtendedMasterSecret = 23,
  kRenegotiationInfo = 0xff01
};
constexpr std::size_t kSuites = 100;  ///< some servers fail at 128

/// Is this version there, and what is picked first? One connection.
Task<Unit> ask(Examination& x, std::uint16_t version, VersionSeen& out) {
  out.version = version;
  std::vector<std::uint16_t> suites = suites_of(version);
  if (suites.size() > kSuites) suites.resize(kSuites);
  const Answer answer =
      co_await x.dialer.ask(build_hello(version_hello(version, std::move(suites), x.target.server_name())));
  out.offered = answer.has_hello() && answer.flight.hello->version == version;
  out.known = answer.has_hello() || answer.is_refusal();
  if (out.offered) {
    out.suites.push_back(answer.flight.hello->suite);
    const tls::ServerHello& hello = *answer.flight.hello;
    out.compression = hello.compression != 0;
    out.renegotiation_info = hello.extension(kRenegotiationInfo) != nullptr;
    out.extended_master_secret = hello.extension(kExtendedMasterSecret) != nullptr;
    out.encrypt_then_mac = hello.extension(kEncryptThenMac) != nullptr;
    out.downgrade_mark = hello.downgrade_mark();
  } else if (!out.known) {
    out.why = "the server " + answer.text();
  }
  co_return Unit{};
}

}  // namespace

Task<Unit> probe_quick_versions(Examination& x) {
  constexpr std::uint16_t kVersions[] = {tls::kSsl3, tls::kTls10, tls::kTls11, tls::kTls12, tls::kTls13};
  x.seen.versions.resize(std::size(kVersions));
  Gather asking(x.loop);
  for (std::size_t i = 0; i < std::size(kVersions); ++i)
    asking.start(ask(x, kVersions[i], x.seen.versions[i]));
  co_await asking.all();
  x.not_tested(
      "quick",
      "suites beyond the first pick, groups, order, resumption, tolerance and the page: leave out --quick");
  co_return Unit{};
}

}  // namespace sally::check
