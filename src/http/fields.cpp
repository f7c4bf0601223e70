#include "http/fields.h"

#include <algorithm>

#include "base/ascii.h"

namespace sally::http {

void Fields::set(std::string_view name, std::string_view value) {
  const auto it = std::ranges::find(all_, name, &Field::name);
  if (it == all_.end()) return add(name, value);
  it->value = value;
  all_.erase(std::remove_if(it + 1, all_.end(), [&](const Field& f) { return f.name == name; }), all_.end());
}

void Fields::remove(std::string_view name) {
  std::erase_if(all_, [&](const Field& f) { return f.name == name; });
}

std::optional<std::string_view> Fields::first(std::string_view name) const {
  for (const Field& f : all_)
    if (f.name == name) return f.value;
  return std::nullopt;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(all_, name, &Field::name));
}

bool Fields::lists(std::string_view name, std::string_view token) const {
  for (const Field& f : all_) {
    if (f.name != name) continue;
    for (std::string_view rest = f.value; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (ascii_iequals(trim(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

}  // namespace sally::http
