#include "http/octets.h"

#include <algorithm>
#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sally::http {
namespace {

constexpr bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

const char* find_control(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i last_control = _mm_set1_epi8(0x1f), tab = _mm_set1_epi8('\t'), del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(x, last_control), x);
    const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(x, tab), low), _mm_cmpeq_epi8(x, del));
    if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad)); mask != 0)
      return at + std::countr_zero(mask);
  }
#endif
  while (at != end && !is_control(*at)) ++at;
  return at;
}

bool is_field_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c != 0 && lower_token(c) == c; });
}

bool is_field_value(std::string_view text) {
  if (text.empty()) return true;
  const char* const end = text.data() + text.size();
  return !is_blank(text.front()) && !is_blank(text.back()) && find_control(text.data(), end) == end;
}

}  // namespace sally::http
