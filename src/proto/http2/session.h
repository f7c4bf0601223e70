// proto/http2/session.h - owns nghttp2's objects.
#pragma once
#include <nghttp2/nghttp2.h>

#include <memory>

namespace sally::http2 {

struct FreeSession {
  void operator()(nghttp2_session* s) const noexcept { nghttp2_session_del(s); }
};
using Session = std::unique_ptr<nghttp2_session, FreeSession>;

struct FreeOption {
  void operator()(nghttp2_option* o) const noexcept { nghttp2_option_del(o); }
};
using Option = std::unique_ptr<nghttp2_option, FreeOption>;

struct FreeCallbacks {
  void operator()(nghttp2_session_callbacks* c) const noexcept { nghttp2_session_callbacks_del(c); }
};
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, FreeCallbacks>;

}  // namespace sally::http2
