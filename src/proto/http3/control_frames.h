// proto/http3/control_frames.h - gives nghttp3 the frames of a client's control stream so that it survives
// them, and refuses those that it would take.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sally::http3 {

/// One for each stream that only the client writes. nghttp3 up to 1.8 ends the process with an assertion when
/// the bytes of a PRIORITY_UPDATE frame come in two parts, the first of which ends behind the element's id;
/// such a frame is held back until it is whole. So are those that hold one number, which it reads without
/// looking at what stands behind the number, or at what a push may be. All else passes as it comes.
///
/// source  RFC 9114 6.2, 7.1, 7.2.3, 7.2.6, 7.2.7; RFC 9218 7.2
class ControlFrames {
 public:
  static constexpr std::size_t kMost = 1024;  ///< bytes of a PRIORITY_UPDATE frame

  /// What may be read after these bytes have come; valid until the next call, and while `bytes` are. An error
  /// is the code to close the connection with (RFC 9114 8.1).
  std::expected<Bytes, std::uint64_t> pass(Bytes bytes);

 private:
  enum class At : std::uint8_t { type, head, held, free, other };
  using Fault = std::optional<std::uint64_t>;
  Fault end_of_head();
  Fault fault_of_number();
  Fault take(std::string_view in);

  At at_ = At::type;
  bool begun_ = false;      ///< a frame has come, which must have been SETTINGS
  std::uint64_t type_ = 0;  ///< of the frame
  std::uint64_t left_ = 0;  ///< of the frame
  std::uint64_t pushes_ = 0;
  std::string kept_, out_;
};

}  // namespace sally::http3
