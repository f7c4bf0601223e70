#include "proto/http2/session.h"

#include <algorithm>
#include <array>
#include <limits>

#include "proto/http2/session_memory.h"

namespace sally::http2 {
namespace {

using Options = std::unique_ptr<nghttp2_option, Freed<nghttp2_option_del>>;

Options make_options(const http::HttpLimits& limits) {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) return nullptr;
  Options o(made);
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_builtin_recv_extension_type(made, NGHTTP2_PRIORITY_UPDATE);
  nghttp2_option_set_max_deflate_dynamic_table_size(made, limits.h2.header_table);
  nghttp2_option_set_max_outbound_ack(made, limits.h2.control_queue);
  nghttp2_option_set_max_continuations(made, limits.h2.continuation_frames);
  // FloodGuard counts these, with those that we reset for the client's faults; one count is enough.
  constexpr std::uint64_t kNever = std::numeric_limits<std::uint32_t>::max();
  nghttp2_option_set_stream_reset_rate_limit(made, kNever, kNever);
  return o;
}

bool say_settings(nghttp2_session* session, const http::HttpLimits& limits, std::uint32_t stream_window) {
  const std::array<nghttp2_settings_entry, 7> settings{{
      {NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, limits.h2.header_table},
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.h2.max_streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.h2.frame_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(
           std::min<std::size_t>(limits.header_bytes, std::numeric_limits<std::uint32_t>::max()))},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},  // RFC 8441 3
  }};
  if (nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0)
    return false;
  // RFC 9113 6.9.2: SETTINGS do not change the connection's window, only WINDOW_UPDATE does.
  return nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                               static_cast<std::int32_t>(limits.h2.connection_window)) == 0;
}

}  // namespace

Session make_session(const nghttp2_session_callbacks& callbacks, const http::HttpLimits& limits,
                     std::uint32_t stream_window, void* user) {
  const Options options = make_options(limits);
  nghttp2_session* made = nullptr;
  if (!options || nghttp2_session_server_new3(&made, &callbacks, user, options.get(), session_memory()) != 0)
    return nullptr;
  Session session(made);
  if (!say_settings(made, limits, stream_window)) return nullptr;
  return session;
}

}  // namespace sally::http2
