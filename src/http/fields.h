// http/fields.h - header and trailer fields in order, as views into memory that their exchange owns.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

namespace sally::http {

/// `name` is lower case, whichever version of HTTP it came by. Views: the exchange's arena, a literal, or
/// something the response keeps alive.
struct Field {
  std::string_view name, value;
};

/// Keeps order and duplicates. Look-ups are linear: heads are short and bounded (HttpLimits::header_count).
class Fields {
 public:
  void add(std::string_view name, std::string_view value) { all_.push_back({name, value}); }
  /// Replaces every field of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  /// Removes every field that `drops` says true of.
  template <typename Drops>
  void remove_if(Drops&& drops) {
    std::erase_if(all_, drops);
  }
  void clear() { all_.clear(); }

  /// The value of the first field of that (lower-case) name.
  std::optional<std::string_view> first(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  /// True if a comma-separated list in any field of that name holds `token`, ignoring case (RFC 9110 5.6.1).
  bool lists(std::string_view name, std::string_view token) const;

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }
  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }

 private:
  std::vector<Field> all_;
};

}  // namespace sally::http
