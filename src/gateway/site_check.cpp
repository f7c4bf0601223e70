#include "gateway/site_check.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/ascii.h"
#include "config/nearest.h"

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;
using config::Reading;

constexpr std::size_t kMostEntriesLookedAt = 1000;

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

/// "; did you mean "/srv/www"?" with what lies beside a path that is not there.
std::string neighbour(const fs::path& missing) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(missing.parent_path(), error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
    if (names.size() == kMostEntriesLookedAt) break;
  }
  std::ranges::sort(names);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view name = config::nearest(missing.filename().string(), views);
  return name.empty() ? "" : fmt::format("; did you mean \"{}\"?", (missing.parent_path() / name).string());
}

/// What stops us from reading a file, or "".
std::string file_fault(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    return fmt::format("no such file \"{}\"{}", path.string(), neighbour(path));
  if (error) return fmt::format("\"{}\": {}", path.string(), error.message());
  if (fs::is_directory(status)) return fmt::format("\"{}\" is a folder, not a file", path.string());
  if (::access(path.c_str(), R_OK) != 0)
    return fmt::format("\"{}\": {}; let this account read it", path.string(), std::strerror(errno));
  return "";
}

std::string folder_fault(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    return fmt::format("no such folder \"{}\"{}", path.string(), neighbour(path));
  if (error) return fmt::format("\"{}\": {}", path.string(), error.message());
  if (!fs::is_directory(status)) return fmt::format("\"{}\" is a file, not a folder", path.string());
  if (::access(path.c_str(), R_OK | X_OK) != 0)
    return fmt::format("\"{}\": {}; let this account read it", path.string(), std::strerror(errno));
  return "";
}

class SiteCheck {
 public:
  SiteCheck(SiteText& site, Reading& reading, std::vector<std::string>& warnings)
      : site_(site), reading_(reading), warnings_(warnings) {}

  void content() {
    std::vector<std::string_view> what;
    if (site_.files) what.push_back("files");
    if (site_.redirect) what.push_back("redirect");
    if (site_.respond) what.push_back("respond");
    if (what.empty()) bad("", "does nothing; add files = \"/a/folder\", or redirect, or respond");
    if (what.size() > 1) bad(what[1], fmt::format("the site has {} already; keep one of them", what[0]));
    if (site_.files) files(*site_.files);
    if (site_.redirect) redirect(*site_.redirect);
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
    if (std::ranges::find(site_.names, ascii_lower(target->name)) != site_.names.end() &&
        std::ranges::any_of(site_.listen, same_port))
      bad("redirect", "sends each request to this site again, for ever; name another one");
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

void check_site(SiteText& site, bool over_tls, Reading& reading, std::vector<std::string>& warnings) {
  SiteCheck check(site, reading, warnings);
  check.content();
  check.certificates(over_tls);
}

}  // namespace sally::gateway
