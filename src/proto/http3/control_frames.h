// proto/http3/control_frames.h - gives nghttp3 the frames of a client's control stream so that it survives
// them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace sally::http3 {

/// One for each stream that only the client writes. nghttp3 up to 1.8 ends the process with an assertion when
/// the bytes of a PRIORITY_UPDATE frame come in two parts, the first of which ends behind the element's id;
/// such a frame is held back until it is whole. All else passes as it comes.
///
/// source  RFC 9114 6.2, 7.1; RFC 9218 7.2
class ControlFrames {
 public:
  static constexpr std::size_t kMost = 1024;  ///< bytes of a PRIORITY_UPDATE frame

  /// What may be read after these bytes have come; valid until the next call, and while `bytes` are. Nullopt:
  /// a frame is too long to be held.
  std::optional<Bytes> pass(Bytes bytes);

 private:
  enum class At : std::uint8_t { type, head, held, free, other };
  bool end_of_head();

  At at_ = At::type;
  std::uint64_t left_ = 0;  ///< of the frame
  std::string kept_, out_;
};

}  // namespace sally::http3
