// proto/http1/head_writer.h - the text of heads that we send: status line, fields, empty line.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/exchange.h"
#include "http/stamp.h"

namespace sally::http1 {

// clang-format off
inline constexpr ErrorKind kBadAnswer{"http1.bad_answer", Blame::our_bug, Retry::never,
    "an answer's status, field or length would break HTTP/1.1", "report the detail to the maintainers",
    "RFC 9112 4", -1, 500};
// clang-format on

/// Text that is put together once and sent at once. Most heads fit into its own memory.
class HeadText {
 public:
  HeadText() {}  // NOLINT: small_ stays as it is
  void add(std::string_view s) {
    if (s.size() > sizeof small_ - size_ || !large_.empty()) return spill(s);
    std::memcpy(small_ + size_, s.data(), s.size());
    size_ += s.size();
  }
  /// A literal: its size is known, so the compiler makes a few moves of it.
  template <std::size_t N>
  void add(const char (&literal)[N]) {
    if (N - 1 > sizeof small_ - size_ || !large_.empty()) return spill({literal, N - 1});
    std::memcpy(small_ + size_, literal, N - 1);
    size_ += N - 1;
  }
  void add_number(std::uint64_t n);
  void add_field(std::string_view name, std::string_view value) {
    add(name);
    add(": ");
    add(value);
    add("\r\n");
  }
  std::string_view text() const { return large_.empty() ? std::string_view(small_, size_) : large_; }

 private:
  void spill(std::string_view s);

  std::size_t size_ = 0;
  std::string large_;
  char small_[1024];
};

/// How the end of an answer's body is told (RFC 9112 6).
enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct AnswerPlan {
  Framing framing = Framing::none;
  std::uint64_t length = 0;  ///< of Framing::length
  bool close = false;        ///< the connection ends with this answer
};

/// Writes the head of x.response into `to` and decides how the body is framed.
///
/// close   the codec wants to end the connection after this answer
///
/// errors  http1.bad_answer: status outside 200..599, a name or value that would split the answer, a field
///         that is the codec's own, two lengths that disagree. `to` is then of no use.
///
/// source  RFC 9112 4, 6, 9.3; RFC 9110 6.4.1, 8.6
Result<AnswerPlan> write_head(const http::Exchange& x, const http::Stamp& stamp, bool close, HeadText& to);

/// A 1xx with its fields. http1.bad_answer as above.
Result<> write_interim(int status, const http::Fields& fields, HeadText& to);

/// A whole answer that ends the connection: "400 Bad Request: <what>". Returns the size of its content.
///
/// with_content  false: the request was HEAD
std::size_t write_farewell(int status, std::string_view what, bool with_content, const http::Stamp& stamp,
                           HeadText& to);

/// Field lines of trailers, without the empty line. http1.bad_answer as above.
Result<> write_trailers(const http::Fields& fields, HeadText& to);

}  // namespace sally::http1
