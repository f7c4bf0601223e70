// http/body.h - the bytes of a response, pulled by the codec when the connection has room for them.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/error.h"

namespace sally::http {

/// Called by a source that had nothing and now has something. Only notes and schedules: it may be called
/// from anywhere on the same core.
struct Waker {
  virtual void wake() = 0;

 protected:
  ~Waker() = default;
};

/// What a pull sees. No bytes and no end: nothing there yet, the source will wake its waker.
struct BodyView {
  Bytes bytes;       ///< valid until the next call into the source or the next turn of the loop
  bool end = false;  ///< these bytes are the last
};

/// A body that is made while it is sent: a file, an upstream, an event stream. Memory is bounded by `want`.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// At most `want` bytes (> 0) of what comes next, without consuming them. An error ends the exchange as
  /// broken, never as a short success.
  virtual Result<BodyView> view(std::size_t want) = 0;
  virtual void consume(std::size_t n) = 0;
  /// Whom to wake after a view() that had to wait. Set once, before the first view().
  virtual void wake_with(Waker& waker) = 0;
};

/// A response's body: nothing, bytes in memory (no virtual call, no copy), or a source.
class Body {
 public:
  Body() = default;
  /// `keep` holds the bytes alive for as long as the body is.
  static Body memory(Bytes bytes, std::shared_ptr<const void> keep);
  static Body text(std::string text);
  /// `length`: bytes in all if known; then the source must give exactly that many.
  static Body from(std::unique_ptr<BodySource> source, std::optional<std::uint64_t> length);

  bool is_empty() const { return std::holds_alternative<std::monostate>(body_); }
  std::optional<std::uint64_t> length() const { return length_; }

  Result<BodyView> view(std::size_t want);
  void consume(std::size_t n);
  void wake_with(Waker& waker);

 private:
  struct Memory {
    Bytes left;
    std::shared_ptr<const void> keep;
  };
  std::variant<std::monostate, Memory, std::unique_ptr<BodySource>> body_;
  std::optional<std::uint64_t> length_ = 0;
};

}  // namespace sally::http
