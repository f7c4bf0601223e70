#include "gateway/handler_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "gateway/path_fault.h"
#include "gateway/site_check.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;

class HandlerCheck {
 public:
  HandlerCheck(const SiteText& site, const std::string& path, config::Reading& reading,
               std::vector<std::string>& warnings)
      : site_(site), path_(path), reading_(reading), warnings_(warnings) {
    if (path != site_path(site)) owner_ = "route";
  }

  void run(const HandlerConfig& handler, bool may_be_none) {
    std::vector<std::string_view> what;
    if (handler.files) what.push_back("files");
    if (handler.proxy) what.push_back("proxy");
    if (handler.redirect) what.push_back("redirect");
    if (handler.respond) what.push_back("respond");
    if (what.empty() && !may_be_none)
      bad("", "does nothing; add files = \"/a/folder\", or proxy, redirect or respond");
    if (what.size() > 1)
      bad(what[1], fmt::format("the {} has {} already; keep one of them", owner_, what[0]));
    if (handler.files) files(*handler.files);
    if (handler.proxy && handler.proxy->to.empty())
      bad("proxy", "has no `to`; where does the application listen?");
    if (handler.proxy) proxy(*handler.proxy);
    if (handler.redirect) redirect(*handler.redirect);
  }

 private:
  std::string key(std::string_view name) const {
    return name.empty() ? path_ : fmt::format("{}.{}", path_, name);
  }
  void bad(std::string_view name, std::string why) {
    reading_.add(reading_.place_of(key(name)), key(name), std::move(why));
  }
  void warn(std::string_view name, std::string_view what) {
    warnings_.push_back(fmt::format("{}: {}: {}", reading_.place_of(key(name)).text(), key(name), what));
  }

  void files(const handler::FilesConfig& files) {
    if (files.root.empty()) return bad("files", "has no root; which folder is to be served?");
    if (const std::string why = folder_fault(files.root); !why.empty()) return bad("files", why);
    for (const auto& [status, page] : files.errors) {
      const fs::path path = files.root / page.substr(1);
      if (std::error_code error; !fs::is_regular_file(path, error))
        warn("files.errors", fmt::format("no such page \"{}\" for status {}", path.string(), status));
    }
    if (files.cache_file_bytes > files.cache_bytes && files.cache_bytes > 0)
      bad("files.cache_file_bytes", "is more than cache_bytes: such a file would never fit");
  }

  void proxy_tls(const handler::ProxyConfig& proxy) {
    const handler::BackendTlsConfig& tls = proxy.tls;
    const std::pair<const char*, const fs::path&> files[] = {
        {"proxy.tls.ca", tls.ca}, {"proxy.tls.certificate", tls.certificate}, {"proxy.tls.key", tls.key}};
    for (const auto& [key, file] : files) {
      if (file.empty()) continue;
      if (const std::string why = file_fault(file); !why.empty()) bad(key, why);
    }
    if (tls.certificate.empty() != tls.key.empty())
      bad(tls.key.empty() ? "proxy.tls.certificate" : "proxy.tls.key",
          "certificate and key come together; one of them is missing");
    const bool used = std::ranges::any_of(proxy.to, [](const upstream::MemberTerms& member) {
      return ascii_lower(member.address).starts_with("https://");
    });
    if (!used && tls != handler::BackendTlsConfig{})
      bad("proxy.tls", "no backend is written \"https://host\", so nothing here has an effect");
  }

  void proxy(const handler::ProxyConfig& proxy) {
    for (std::size_t i = 0; i < proxy.to.size(); ++i) {
      const std::string& address = proxy.to[i].address;
      if (address.empty()) bad("proxy", fmt::format("backend {} has no `to`; where does it listen?", i + 1));
      for (std::size_t j = 0; j < i; ++j)
        if (proxy.to[j].address == address)
          bad("proxy.to", fmt::format("\"{}\" stands there twice; give it a weight instead", address));
    }
    proxy_tls(proxy);
    const bool http2 = std::ranges::any_of(proxy.to, [&](const upstream::MemberTerms& member) {
      const std::string address = ascii_lower(member.address);
      return address.starts_with("h2c") || (address.starts_with("https://") && proxy.tls.http2);
    });
    if (proxy.proxy_protocol && http2)
      bad("proxy.proxy_protocol",
          "goes with HTTP/1.1 only, where a connection carries one client's requests; "
          "write http:// instead of h2c://, or set tls.http2 = false");
    if (proxy.eject.longest < proxy.eject.first) bad("proxy.eject.longest", "is shorter than time");
  }

  void redirect(const RedirectConfig& redirect) {
    if (redirect.to.empty()) return bad("redirect", "has no `to`; where are requests to be sent?");
    const std::size_t scheme = redirect.to.find("://");
    const std::string_view rest = std::string_view(redirect.to).substr(scheme + 3);
    const auto target = split_port(rest.substr(0, rest.find_first_of("/?#")));
    if (!target) return bad("redirect", std::string(target.error().detail()));
    if (const std::string why = check_site_name(target->name); !why.empty() || target->name.starts_with("*"))
      return bad("redirect", fmt::format("\"{}\" is no host name", target->name));
    const std::uint16_t port = target->port != 0 ? target->port : redirect.to.starts_with("https") ? 443 : 80;
    const auto same_port = [&](const ListenAddress& a) { return a.port == port; };
    // A route covers a part of the site, and may well lead to another one.
    if (owner_ == "site" && std::ranges::find(site_.names, ascii_lower(target->name)) != site_.names.end() &&
        std::ranges::any_of(site_.listen, same_port))
      bad("redirect", "sends each request to this site again, for ever; name another one");
  }

  const SiteText& site_;
  std::string_view owner_ = "site";
  const std::string& path_;
  config::Reading& reading_;
  std::vector<std::string>& warnings_;
};

}  // namespace

void check_handler(const HandlerConfig& handler, const SiteText& site, const std::string& path,
                   bool may_be_none, config::Reading& reading, std::vector<std::string>& warnings) {
  HandlerCheck(site, path, reading, warnings).run(handler, may_be_none);
}

}  // namespace sally::gateway
