#include "handler/preconditions.h"

#include <optional>

#include "base/ascii.h"
#include "http/date.h"

namespace sally::handler {
namespace {

struct Match {
  bool present = false, named = false;
};

Match match(const http::Fields& fields, std::string_view name, std::string_view etag, bool weak) {
  Match out;
  for (const http::Field& f : fields) {
    if (f.name != name) continue;
    out.present = true;
    out.named = out.named || names_etag(f.value, etag, weak);
  }
  return out;
}

std::optional<std::int64_t> date_of(const http::Fields& fields, std::string_view name) {
  const auto value = fields.first(name);
  if (!value || fields.count(name) != 1) return std::nullopt;
  return http::parse_date(*value);
}

}  // namespace

bool names_etag(std::string_view list, std::string_view etag, bool weak) {
  if (trim(list) == "*") return true;
  for (;;) {
    while (!list.empty() && (list[0] == ',' || list[0] == ' ' || list[0] == '\t')) list.remove_prefix(1);
    const bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;
    const std::size_t end = list.find('"', 1);
    if (end == list.npos) return false;
    if ((weak || !is_weak) && list.substr(0, end + 1) == etag) return true;
    list.remove_prefix(end + 1);
    list = trim(list);
    if (!list.empty() && list[0] != ',') return false;
  }
}

Precondition check_preconditions(const http::Fields& fields, const Validators& now_there) {
  if (const Match m = match(fields, "if-match", now_there.etag, false); m.present) {
    if (!m.named) return Precondition::failed;
  } else if (const auto date = date_of(fields, "if-unmodified-since")) {
    if (now_there.modified > *date) return Precondition::failed;
  }
  if (const Match m = match(fields, "if-none-match", now_there.etag, true); m.present)
    return m.named ? Precondition::not_modified : Precondition::holds;
  if (const auto date = date_of(fields, "if-modified-since"))
    return now_there.modified <= *date ? Precondition::not_modified : Precondition::holds;
  return Precondition::holds;
}

bool range_is_current(const http::Fields& fields, const Validators& now_there, std::int64_t unix_now) {
  const auto value = fields.first("if-range");
  if (!value) return true;
  if (fields.count("if-range") != 1) return false;
  const std::string_view text = trim(*value);
  if (text.starts_with('"') || text.starts_with("W/")) return text == now_there.etag;
  return http::parse_date(text) == now_there.modified && now_there.modified < unix_now;
}

}  // namespace sally::handler
