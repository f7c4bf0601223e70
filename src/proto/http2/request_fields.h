// proto/http2/request_fields.h - a request's head as the list that nghttp2 compresses.
#pragma once
#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "proto/request_head.h"

namespace sally::http2 {

/// Copies what it gets, so it may be told of texts that live only for the call. Used again and again: start()
/// empties it.
class RequestFields final : public HeadSink {
 public:
  /// head.scheme becomes :scheme, head.host :authority (RFC 9113 8.3.1).
  void start(const RequestHead& head) override;
  void field(std::string_view name, std::string_view value) override;
  /// All of it, with content-length, expect and te. Valid until the next start().
  std::span<const nghttp2_nv> all();

 private:
  struct Sizes {
    std::size_t name, value;
  };
  RequestHead head_;
  std::string text_;
  std::vector<Sizes> sizes_;
  std::vector<nghttp2_nv> list_;
};

}  // namespace sally::http2
