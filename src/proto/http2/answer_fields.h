// proto/http2/answer_fields.h - an answer's head as the list that nghttp2 compresses. No copy of names or
// values.
#pragma once
#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/exchange.h"
#include "http/stamp.h"

namespace sally::http2 {

/// A list of fields on the stack; longer ones spill to the heap. Views: whoever submits it keeps what they
/// point into until the frame was made.
class FieldList {
 public:
  FieldList() {}  // NOLINT: small_ stays as it is
  void add(std::string_view name, std::string_view value) {
    const nghttp2_nv nv{as_octets(name), as_octets(value), name.size(), value.size(), kNoCopy};
    if (size_ < small_.size() && large_.empty())
      small_[size_++] = nv;
    else
      spill(nv);
  }
  std::span<const nghttp2_nv> all() const {
    return large_.empty() ? std::span<const nghttp2_nv>(small_.data(), size_)
                          : std::span<const nghttp2_nv>(large_);
  }

 private:
  static constexpr std::uint8_t kNoCopy = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
  static std::uint8_t* as_octets(std::string_view s) {  // nghttp2 does not write there
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(s.data()));
  }
  void spill(const nghttp2_nv& nv);

  std::array<nghttp2_nv, 48> small_;
  std::size_t size_ = 0;
  std::vector<nghttp2_nv> large_;
};

struct AnswerPlan {
  bool has_content = false;  ///< DATA frames follow
  bool length_known = false;
  std::uint64_t length = 0;
};

/// Lists the head of x.response and decides what follows it. What is made here lies in x.arena.
///
/// errors  http2.bad_answer: status outside 200..599, a name or value that is none, a field that is the
///         codec's own or that HTTP/2 has not, two lengths that disagree
///
/// source  RFC 9113 8.2, 8.3.2; RFC 9110 6.4.1, 8.6
Result<AnswerPlan> list_answer(http::Exchange& x, const http::Stamp& stamp, FieldList& to);

/// The head of a 1xx. http2.bad_answer as above; 101 is HTTP/1.1's alone (RFC 9113 8.6).
Result<> list_interim(http::Exchange& x, int status, const http::Fields& fields, FieldList& to);

/// http2.bad_answer as above.
Result<> list_trailers(const http::Fields& fields, FieldList& to);

}  // namespace sally::http2
