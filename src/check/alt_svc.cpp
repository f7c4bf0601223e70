#include "check/alt_svc.h"

#include "base/ascii.h"
#include "base/number.h"
#include "http/octets.h"

namespace sally::check {
namespace {

constexpr std::size_t kMostServices = 32;

class AltSvcReader {
 public:
  explicit AltSvcReader(std::string_view text) : text_(trim(text)) {}

  AltSvc read() {
    AltSvc out;
    if (text_ == "clear") {
      out.clear = true;
      return out;
    }
    while (out.valid && out.services.size() < kMostServices) {
      AltService one;
      out.valid = service(one);
      if (out.valid) out.services.push_back(std::move(one));
      skip_space();
      if (!out.valid || text_.empty()) break;
      out.valid = take(',');
      skip_space();
    }
    if (!out.valid) out.services.clear();
    return out;
  }

 private:
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void skip_space() {
    while (text_.starts_with(' ') || text_.starts_with('\t')) text_.remove_prefix(1);
  }
  std::string_view token() {
    std::size_t n = 0;
    while (n < text_.size() && http::is_octet(text_[n], http::octets::kToken)) ++n;
    const std::string_view out = text_.substr(0, n);
    text_.remove_prefix(n);
    return out;
  }
  bool quoted(std::string& out) {
    if (!take('"')) return false;
    while (!text_.empty()) {
      char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\' && !text_.empty()) {
        c = text_.front();
        text_.remove_prefix(1);
      }
      out += c;
    }
    return false;
  }

  bool service(AltService& out) {
    out.protocol = token();
    std::string authority;
    if (out.protocol.empty() || !take('=') || !quoted(authority)) return false;
    const std::size_t colon = authority.rfind(':');
    if (colon == std::string::npos) return false;
    out.host = authority.substr(0, colon);
    const auto port = parse_number<std::uint16_t>(std::string_view(authority).substr(colon + 1));
    if (!port) return false;
    out.port = *port;
    for (skip_space(); take(';'); skip_space())
      if (!parameter(out)) return false;
    return true;
  }

  bool parameter(AltService& out) {
    skip_space();
    const std::string_view name = token();
    if (name.empty() || !take('=')) return false;
    std::string value;
    if (text_.starts_with('"')) {
      if (!quoted(value)) return false;
    } else {
      value = token();
    }
    if (name != "ma") return true;
    const auto seconds = parse_number<std::uint64_t>(value);
    if (seconds) out.max_age = *seconds;
    return seconds.has_value();
  }

  std::string_view text_;
};

}  // namespace

AltSvc parse_alt_svc(std::string_view value) { return AltSvcReader(value).read(); }

}  // namespace sally::check
