#include "check/mta_sts.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.h"

namespace sally::check {
namespace {

constexpr std::size_t kMostHosts = 256, kLongestId = 32, kMostPlaces = 16;
constexpr std::int64_t kLongestAge = 31'557'600;  // RFC 8461 3.2

std::unexpected<Error> bad(std::string why) { return fail(kBadMtaSts, std::move(why)); }

std::string_view strip(std::string_view s) {
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  return s;
}

/// The part up to `end`, which is taken off with it.
std::string_view take(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

/// "v=STSv1" in front, and a ';' or the end behind it.
bool is_of_kind(std::string_view txt, std::string_view version) {
  return txt.starts_with(version) && strip(take(txt, ';')) == version;
}

/// The value of `key`; nullopt: it is not there. Errors: a part is no pair, or the key is there twice.
Result<std::optional<std::string>> value_of(std::string_view txt, std::string_view key) {
  std::optional<std::string> out;
  while (!txt.empty()) {
    std::string_view part = strip(take(txt, ';'));
    if (part.empty()) continue;
    if (!part.contains('=')) return bad("\"" + std::string(part.substr(0, kLongestId)) + "\" is no pair");
    if (strip(take(part, '=')) != key) continue;
    if (out) return bad(std::string(key) + " stands there twice");
    out = strip(part);
  }
  return out;
}

Result<MtaStsPolicy::Mode> read_mode(std::string_view text) {
  using Mode = MtaStsPolicy::Mode;
  for (const Mode mode : {Mode::none, Mode::testing, Mode::enforce})
    if (text == mode_name(mode)) return mode;
  return bad("mode is neither enforce, testing nor none");
}

bool is_pattern(std::string_view host) {
  if (host.starts_with("*.")) host.remove_prefix(2);
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

struct Found {
  std::optional<std::string> version, mode, age;
};

}  // namespace

std::string_view mode_name(MtaStsPolicy::Mode mode) {
  constexpr std::string_view kNames[] = {"none", "testing", "enforce"};
  return kNames[static_cast<std::size_t>(mode)];
}

bool MtaStsPolicy::covers(std::string_view host) const {
  const std::string name = ascii_lower(host.ends_with('.') ? host.substr(0, host.size() - 1) : host);
  return std::ranges::any_of(mx, [&](const std::string& pattern) {
    if (!pattern.starts_with("*.")) return pattern == name;
    const std::size_t dot = name.find('.');
    return dot != std::string::npos && dot > 0 && name.substr(dot) == pattern.substr(1);
  });
}

Result<MtaStsPolicy> read_mta_sts_policy(std::string_view text) {
  if (text.size() > kLongestPolicy) return bad("the policy is longer than 64 KiB");
  MtaStsPolicy out;
  Found found;
  while (!text.empty()) {
    std::string_view line = strip(take(text, '\n'));
    if (line.empty()) continue;
    if (!line.contains(':')) return bad("a line is no pair");
    const std::string_view key = strip(take(line, ':'));
    const std::string value(strip(line));
    if (key == "version" && !found.version) found.version = value;
    if (key == "mode" && !found.mode) found.mode = value;
    if (key == "max_age" && !found.age) found.age = value;
    if (key != "mx") continue;
    if (!is_pattern(value)) return bad("an mx is no host name");
    if (out.mx.size() == kMostHosts) return bad("it names more than 256 hosts");
    out.mx.push_back(ascii_lower(value));
  }
  if (found.version != "STSv1") return bad("version is not STSv1");
  TRY(out.mode, read_mode(found.mode.value_or("")));
  const std::string age = found.age.value_or("");
  std::int64_t seconds = 0;
  const auto [end, failed] = std::from_chars(age.data(), age.data() + age.size(), seconds);
  if (age.empty() || failed != std::errc{} || end != age.data() + age.size() || seconds < 0 ||
      seconds > kLongestAge)
    return bad("max_age is no number of seconds up to a year");
  out.max_age = std::chrono::seconds(seconds);
  if (out.mode != MtaStsPolicy::Mode::none && out.mx.empty()) return bad("it names no mx");
  return out;
}

Result<std::string> read_mta_sts_record(std::string_view txt) {
  if (!is_of_kind(txt, "v=STSv1")) return std::string();
  TRY(const auto id, value_of(txt, "id"));
  const auto plain = [](char c) { return is_alpha(c) || is_digit(c); };
  if (!id || id->empty() || id->size() > kLongestId || !std::ranges::all_of(*id, plain))
    return bad("id is not 1 to 32 letters and digits");
  return *id;
}

Result<std::vector<std::string>> read_tls_rpt_record(std::string_view txt) {
  std::vector<std::string> out;
  if (!is_of_kind(txt, "v=TLSRPTv1")) return out;
  TRY(const auto places, value_of(txt, "rua"));
  if (!places) return bad("rua is missing");
  std::string_view rest = *places;
  while (!rest.empty() && out.size() < kMostPlaces) {
    const std::string_view one = strip(take(rest, ','));
    if (!one.starts_with("mailto:") && !one.starts_with("https:"))
      return bad("a place for reports is neither mailto: nor https:");
    out.emplace_back(one);
  }
  if (out.empty()) return bad("rua is empty");
  return out;
}

}  // namespace sally::check
