#include "gateway/site_check.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "gateway/handler_check.h"
#include "gateway/path_fault.h"

namespace sally::gateway {
namespace {

using config::Reading;

bool is_address(std::string_view name) {
  in6_addr ignored{};
  const std::string text(name);
  return ::inet_pton(AF_INET, text.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &ignored) == 1;
}

std::string check_label(std::string_view label) {
  const auto allowed = [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; };
  if (label.empty()) return "has an empty label between its dots";
  if (label.size() > 63) return "has a label of more than 63 letters (RFC 1035 2.3.4)";
  if (label.starts_with('-') || label.ends_with('-')) return "has a label that begins or ends with a hyphen";
  return std::ranges::all_of(label, allowed) ? "" : "has characters that host names cannot have";
}

class SiteCheck {
 public:
  SiteCheck(SiteText& site, Reading& reading, std::vector<std::string>& warnings)
      : site_(site), reading_(reading), warnings_(warnings) {}

  void content(bool may_be_none) {
    check_handler(site_, site_, site_path(site_), may_be_none || !site_.routes.empty(), reading_, warnings_);
    routes();
    hsts();
  }

  void certificates(bool over_tls) {
    const std::size_t count = site_.certificate_files.size(), keys = site_.key_files.size();
    if (count != keys) return uneven(count, keys);
    for (std::size_t i = 0; i < count; ++i) {
      if (const std::string why = file_fault(site_.certificate_files[i]); !why.empty())
        bad("certificate", why);
      if (const std::string why = file_fault(site_.key_files[i]); !why.empty()) bad("key", why);
      site_.certificates.push_back({site_.certificate_files[i], site_.key_files[i]});
    }
    if (!over_tls || count > 0) return;
    const auto name = std::ranges::find_if_not(site_.names, is_local_name);
    if (name == site_.names.end()) return;
    bad("", fmt::format(
                "\"{}\" is a public name, for which the local CA does not vouch; set certificate and key to "
                "the PEM files of its certificate",
                *name));
  }

 private:
  void bad(std::string_view key, std::string why) {
    const std::string path = site_path(site_, key);
    reading_.add(reading_.place_of(path), path, std::move(why));
  }
  void warn(std::string_view key, std::string_view what) {
    const std::string path = site_path(site_, key);
    warnings_.push_back(fmt::format("{}: {}: {}", reading_.place_of(path).text(), path, what));
  }

  void uneven(std::size_t count, std::size_t keys) {
    if (keys == 0)
      return bad("certificate", "a certificate without a key; set key to the file with its private key");
    if (count == 0) return bad("key", "a key without a certificate; set certificate to its PEM file");
    bad("key", fmt::format("certificates and keys come in pairs: {} certificates, {} keys", count, keys));
  }

  static bool does_something(const RouteConfig& r) {
    return r.files || r.proxy || r.redirect || r.respond || r.strip_prefix || !r.rewrite.empty() ||
           !r.request_headers.empty() || !r.headers.empty();
  }

  void routes() {
    for (std::size_t i = 0; i < site_.routes.size(); ++i) {
      const RouteConfig& route = site_.routes[i];
      const std::string key = fmt::format("route.{}", i + 1);
      check_handler(route, site_, site_path(site_, key), does_something(route), reading_, warnings_);
      if (route.strip_prefix && !route.path.ends_with("/*"))
        bad(key + ".strip_prefix",
            "needs a path that ends in \"/*\"; what stands before the star is taken off");
      for (std::size_t j = 0; j < i; ++j)
        if (same_requests(route, site_.routes[j]))
          bad(key, fmt::format("route {} has the same conditions and comes first", j + 1));
    }
  }
  static bool same_requests(const RouteConfig& a, const RouteConfig& b) {
    return a.path == b.path && a.methods == b.methods && a.fields == b.fields && a.clients == b.clients;
  }

  void hsts() {
    const HstsConfig& h = site_.hsts;
    const bool long_enough = h.mode == HstsConfig::Mode::automatic || h.max_age >= std::chrono::days(365);
    if (h.preload && (h.mode == HstsConfig::Mode::off || !long_enough || !h.include_subdomains))
      bad("hsts.preload", "needs include_subdomains = true and a max_age of 365d or more");
    if (h.mode == HstsConfig::Mode::fixed && site_.local())
      warn("hsts", "is not sent for local names: it would lock every program on them to https");
  }

  SiteText& site_;
  Reading& reading_;
  std::vector<std::string>& warnings_;
};

void add_name(SiteText& site, std::string_view written, const std::string& key, Reading& reading) {
  std::string name = ascii_lower(written);
  std::string why = check_site_name(name);
  if (why.empty() && std::ranges::find(site.names, name) != site.names.end()) why = "stands there twice";
  if (!why.empty()) return reading.add(reading.place_of(key), key, fmt::format("\"{}\": {}", written, why));
  site.names.push_back(std::move(name));
}

}  // namespace

std::string site_path(const SiteText& site, std::string_view key) {
  const std::string path = "site." + config::written_key(site.key);
  return key.empty() ? path : fmt::format("{}.{}", path, key);
}

std::string check_site_name(std::string_view name) {
  if (is_address(name)) return "";
  const bool ascii = std::ranges::all_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii) return "must be written in its ASCII form, xn--... (RFC 5890)";
  if (name.empty() || name.size() > 253) return "is no host name: 1 to 253 letters (RFC 1035 2.3.4)";
  if (name.contains("://")) return "is a URL; a name such as example.com is needed";
  if (name.contains('/') || name.contains(':'))
    return "is no host name; a further name takes no port and no path";
  if (name.ends_with('.')) return "must be written without the dot at its end";
  std::string_view rest = name;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  if (rest.contains('*'))
    return "may have a star only as its whole first label: *.example.com (RFC 9525 6.3)";
  const std::string_view last = rest.substr(rest.rfind('.') + 1);
  if (!last.empty() && std::ranges::all_of(last, is_digit)) return "looks like an IP address but is none";
  while (true) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    if (std::string why = check_label(rest.substr(0, dot)); !why.empty()) return why;
    if (dot == rest.size()) return "";
    rest.remove_prefix(dot + 1);
  }
}

void resolve_site(SiteText& site, Reading& reading, bool allow_port_zero) {
  const std::string path = site_path(site);
  std::vector<std::string> further;
  further.swap(site.names);
  std::uint16_t port = 0;
  if (const auto split = split_port(site.key)) {
    port = split->port;
    add_name(site, split->name, path, reading);
  } else {
    reading.add(reading.place_of(path), path, std::string(split.error().detail()));
  }
  for (const std::string& name : further) add_name(site, name, path + ".names", reading);

  const auto loopback = [](std::string_view name) {
    return name == "localhost" || name.ends_with(".localhost");
  };
  std::vector<std::string> texts = site.listen_text;
  if (texts.empty()) {
    const bool only_here = !site.names.empty() && std::ranges::all_of(site.names, loopback);
    texts.push_back(fmt::format("{}{}", only_here ? "localhost:" : "", port == 0 ? 443 : port));
  } else if (port != 0) {
    reading.add(reading.place_of(path + ".listen"), path + ".listen",
                fmt::format("the name of the site says port {} already; keep one of them", port));
  }
  for (const std::string& text : texts) {
    const auto addresses = parse_listen(text, allow_port_zero);
    if (!addresses) {
      reading.add(reading.place_of(path + ".listen"), path + ".listen",
                  fmt::format("\"{}\": {}", text, addresses.error().detail()));
      continue;
    }
    for (const ListenAddress& address : *addresses)
      if (std::ranges::find(site.listen, address) == site.listen.end()) site.listen.push_back(address);
  }
}

void check_site(SiteText& site, bool over_tls, bool only_certificate, Reading& reading,
                std::vector<std::string>& warnings) {
  SiteCheck check(site, reading, warnings);
  check.content(only_certificate);
  check.certificates(over_tls);
}

}  // namespace sally::gateway
