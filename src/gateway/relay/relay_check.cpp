#include "gateway/relay/relay_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/path_fault.h"
#include "gateway/relay/relay_door.h"

namespace sally::gateway {
namespace {

class RelayCheck {
 public:
  RelayCheck(const PortText& port, const std::string& path, config::Reading& reading)
      : port_(port), path_(path), reading_(reading) {}

  void run() {
    const bool web = port_.speaks.empty();
    if (web && !port_.to.empty())
      bad("to",
          "is for other protocols than the web, whose sites say themselves who answers; set protocol = "
          "\"imaps\", say, or use [[port.x.pass]]");
    if (web && port_.PortConfig::protocol == PortProtocol::http && (!port_.pass.empty() || port_.share))
      bad(port_.share ? "share" : "pass", "needs TLS on the port; take protocol = \"http\" away");
    if (!web && port_.to.empty() && port_.pass.empty()) bad("", "has no `to`; where does the server listen?");
    begins_plain();
    files();
    if (!web && port_.to.empty() && port_.share) bad("share", "needs `to` as well");
    if (!port_.to.empty()) target(port_, "", backend_dialogue(port_.speaks) != nullptr, true);
    for (std::size_t i = 0; i < port_.pass.size(); ++i) pass(port_.pass[i], fmt::format("pass.{}", i + 1));
    if (port_.share) share(*port_.share);
  }

 private:
  std::string key(std::string_view name) const {
    return name.empty() ? path_ : fmt::format("{}.{}", path_, name);
  }
  void bad(std::string_view name, std::string why) {
    const std::string at = key(name);
    reading_.add(reading_.place_of(at), at, std::move(why));
  }

  void begins_plain() {
    const proto::Protocol* const row = proto::protocol_named(port_.speaks);
    const bool plain = row != nullptr && row->entry == proto::TlsEntry::starttls;
    if (!plain && port_.starttls != StarttlsConfig{})
      bad("starttls", "has no effect: TLS begins at once here");
    if (plain && (!port_.pass.empty() || port_.share))
      bad(port_.share ? "share" : "pass",
          fmt::format("cannot be: {} begins in plain text, and nothing tells where a client wants to go",
                      port_.speaks));
  }

  void files() {
    const bool ftp = port_.speaks == "ftp" || port_.speaks == "ftps";
    if (!ftp && port_.ftp != FtpConfig{}) bad("ftp", "has no effect: no files are transferred here");
    if (ftp && !port_.proxies.empty())
      bad("proxy_protocol", "cannot be with ftp: data connections would come without such a header");
    for (const upstream::MemberTerms& one : port_.to)
      if (ftp && (one.address.contains("://") || one.address.starts_with("unix:")))
        bad("to", "is in plain text by TCP only for ftp; write host:port");
  }

  void pass(const PassRule& rule, const std::string& name) {
    if (rule.names.empty()) bad(name, "has no `names`; which connections are meant?");
    target(rule, name, false, false);
  }

  void share(const ShareConfig& share) {
    using Silent = ShareConfig::Silent;
    if (!share.ssh && !share.openvpn && !share.sstp)
      bad("share", "shares with nobody; set ssh, openvpn or sstp");
    if (share.ssh) target(*share.ssh, "share.ssh", false, false);
    if (share.openvpn) target(*share.openvpn, "share.openvpn", false, false);
    if (share.sstp) target(*share.sstp, "share.sstp", false, true);
    if (share.sstp && !port_.speaks.empty())
      bad("share.sstp", "is a request inside the TLS of the web, which is not spoken here");
    const bool nowhere =
        (share.silent == Silent::ssh && !share.ssh) || (share.silent == Silent::openvpn && !share.openvpn);
    if (nowhere) bad("share.silent", "names what is not shared here");
  }

  void target(const RelayTarget& target, const std::string& name, bool starttls, bool decrypted) {
    const auto inside = [&](std::string_view what) {
      return name.empty() ? std::string(what) : fmt::format("{}.{}", name, what);
    };
    if (target.to.empty()) return bad(name, "has no `to`; where does the server listen?");
    bool secure = false;
    for (std::size_t i = 0; i < target.to.size(); ++i) {
      const std::string& address = target.to[i].address;
      if (address.empty())
        bad(inside("to"), fmt::format("backend {} has no `to`; where does it listen?", i + 1));
      for (std::size_t j = 0; j < i; ++j)
        if (target.to[j].address == address)
          bad(inside("to"), fmt::format("\"{}\" stands there twice; give it a weight instead", address));
      std::string why;
      const auto parsed = upstream::Address::parse(address, why).value_or(upstream::Address{});
      secure = secure || parsed.secure;
      if (parsed.raw && !decrypted)
        bad(inside("to"), "is passed on as it is, so nothing can be put around it; write host:port");
      else if (parsed.starttls && !starttls)
        bad(inside("to"),
            fmt::format("{} knows no STARTTLS; write tls://host:port or host:port", port_.speaks));
    }
    tls(target.tls, inside("backend_tls"), secure);
    if (target.eject.longest < target.eject.first) bad(inside("eject.longest"), "is shorter than time");
  }

  void tls(const handler::BackendTlsConfig& tls, const std::string& name, bool used) {
    for (const auto* file : {&tls.ca, &tls.certificate, &tls.key})
      if (!file->empty())
        if (const std::string why = file_fault(*file); !why.empty()) bad(name, why);
    if (tls.certificate.empty() != tls.key.empty())
      bad(name, "certificate and key come together; one of them is missing");
    if (!used && tls != handler::BackendTlsConfig{})
      bad(name, "no backend is written \"tls://\" or \"starttls://\", so nothing here has an effect");
  }

  const PortText& port_;
  const std::string& path_;
  config::Reading& reading_;
};

}  // namespace

void check_relay(const PortText& port, const std::string& path, config::Reading& reading) {
  RelayCheck(port, path, reading).run();
}

}  // namespace sally::gateway
