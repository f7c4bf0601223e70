// base/error.h - what went wrong, who must act, where on the wire, and the remedy.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace sally {

/// Whose move it is.
enum class Blame : std::uint8_t { peer, upstream, operator_config, system, our_bug };
/// Whether trying again can help, and where.
enum class Retry : std::uint8_t { never, fresh_connection, other_upstream, later };

/// One row of the error catalogue. Rows are constants: raising an error allocates only its detail.
struct ErrorKind {
  std::string_view
      id;       ///< "tls.record_too_long": stable; metric label and anchor in docs/reference/errors.md
  Blame blame;  ///< whose move it is
  Retry retry;  ///< whether and where to try again
  std::string_view what;     ///< one sentence, may be shown to the peer
  std::string_view remedy;   ///< one imperative sentence, for whoever `blame` names
  std::string_view source;   ///< "RFC 8446 5.1", or empty
  std::int16_t tls_alert;    ///< alert to send (RFC 8446 6), -1 for none
  std::int16_t http_status;  ///< answer with this while an answer is still possible, 0 to close
};

/// Where the bad bytes were. Offsets count from the first byte the peer sent on this connection.
struct WirePos {
  std::uint64_t offset = UINT64_MAX;  ///< UINT64_MAX: no place on the wire
  std::int64_t stream = -1;           ///< HTTP/2 or HTTP/3 stream id, -1 when there is none
  std::string_view field = {};        ///< a literal: "legacy_version"
};

/// One pointer wide, so Result<int> stays small. Never stores bytes of a request body or a secret.
class [[nodiscard]] Error {
 public:
  Error(const ErrorKind& kind, WirePos pos, std::string detail, std::source_location raised)
      : body_(std::make_unique<Body>(Body{&kind, pos, std::move(detail), raised, nullptr})) {}

  /// Wraps `cause`: this error says what we were doing, the cause says what stopped us.
  Error&& because(Error cause) && {
    body_->cause = std::move(cause.body_);
    return std::move(*this);
  }

  const ErrorKind& kind() const { return *body_->kind; }
  const WirePos& pos() const { return body_->pos; }
  std::string_view detail() const { return body_->detail; }
  const std::source_location& raised() const { return body_->raised; }
  bool is(const ErrorKind& k) const { return body_->kind == &k || body_->kind->id == k.id; }

  /// One line for a log or a terminal: "id at byte N: what; detail; remedy (source); because ...".
  std::string text() const;

 private:
  struct Body {
    const ErrorKind* kind;
    WirePos pos;
    std::string detail;
    std::source_location raised;
    std::unique_ptr<Body> cause;
  };
  std::unique_ptr<Body> body_;
};

template <typename T = void>
using Result = std::expected<T, Error>;

/// The value of a coroutine that has only an error to tell.
struct Unit {};

/// No template: source_location::current() must be evaluated at the caller.
inline std::unexpected<Error> fail(const ErrorKind& kind, WirePos pos = {}, std::string detail = {},
                                   std::source_location raised = std::source_location::current()) {
  return std::unexpected<Error>(Error(kind, pos, std::move(detail), raised));
}
/// An error without a place on the wire.
inline std::unexpected<Error> fail(const ErrorKind& kind, std::string detail,
                                   std::source_location raised = std::source_location::current()) {
  return std::unexpected<Error>(Error(kind, WirePos{}, std::move(detail), raised));
}

}  // namespace sally

#define SALLY_JOIN2(a, b) a##b
#define SALLY_JOIN(a, b) SALLY_JOIN2(a, b)
#define SALLY_TRY_AS(tmp, ret, decl, expr)       \
  auto tmp = (expr);                             \
  if (!tmp) [[unlikely]]                         \
    ret std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
/// TRY(auto hello, parse(in));        in functions
#define TRY(decl, expr) SALLY_TRY_AS(SALLY_JOIN(sally_r, __LINE__), return, decl, expr)
/// CO_TRY(auto n, co_await s.read(b)); in coroutines. A statement on purpose (GCC 115851).
#define CO_TRY(decl, expr) SALLY_TRY_AS(SALLY_JOIN(sally_r, __LINE__), co_return, decl, expr)
/// TRY_VOID(send(x)); for Result<>
#define TRY_VOID(expr)                              \
  if (auto sally_v = (expr); !sally_v) [[unlikely]] \
  return std::unexpected(std::move(sally_v).error())
/// CO_TRY_VOID(co_await s.write(x));
#define CO_TRY_VOID(expr)                           \
  if (auto sally_c = (expr); !sally_c) [[unlikely]] \
  co_return std::unexpected(std::move(sally_c).error())
