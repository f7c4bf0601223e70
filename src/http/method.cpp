#include "http/method.h"

#include <array>
#include <cstddef>

namespace sally::http {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                    "CONNECT", "OPTIONS", "TRACE", "PATCH"};

}  // namespace

Method method_from(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (text == kNames[i]) return static_cast<Method>(i);
  return Method::other;
}

std::string_view method_text(Method m) {
  return m == Method::other ? std::string_view() : kNames[static_cast<std::size_t>(m)];
}

}  // namespace sally::http
