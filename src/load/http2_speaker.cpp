#include "load/http2_speaker.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/number.h"
#include "load/http2_frame.h"

namespace sally::load {

using namespace frame;

namespace {

constexpr std::uint32_t kMostPayload = 16384;         ///< RFC 9113 4.2: what we announce, by default
constexpr std::size_t kLongestBlock = 256 * 1024;     ///< bytes of a header block
constexpr std::uint32_t kOurWindow = (1u << 30) - 1;  ///< no server waits for us
constexpr std::int64_t kLargestWindow = 0x7fffffff;
constexpr std::uint32_t kLastId = 0x7ffffff0;
constexpr std::size_t kMostBodyAtOnce = 256 * 1024;  ///< bytes of bodies put into `out` at once
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::unexpected<Error> bad(std::string why) { return fail(kBadAnswer, std::move(why)); }

}  // namespace

Http2Speaker::Http2Speaker(const RequestText& text, AnswerSink& sink, unsigned streams, std::uint64_t share)
    : text_(text),
      sink_(sink),
      slots_(std::bit_ceil(std::size_t{2} * streams)),
      wanted_(streams),
      most_(streams),
      share_(share),
      plain_blocks_(text.table_bytes() > 4096) {
  nghttp2_hd_inflater* made = nullptr;
  if (nghttp2_hd_inflate_new(&made) != 0) throw std::bad_alloc();
  inflater_.reset(made);
}

void Http2Speaker::begin(std::string& out) {
  out += kPreface;
  put_head(out, 12, kSettings, 0, 0);
  put(out, 2, 2);  // ENABLE_PUSH
  put(out, 0, 4);
  put(out, 4, 2);  // INITIAL_WINDOW_SIZE
  put(out, kOurWindow, 4);
  put_window(out, 0, kOurWindow - 65535);
}

void Http2Speaker::ask(std::size_t url, Asked when, std::string& out) {
  // RFC 9113 5.1.1: numbers may be left out; that finds a free slot without a search table.
  while (slot_of(next_id_).id != 0) next_id_ += 2;
  Slot& slot = slot_of(next_id_);
  slot = {.id = next_id_, .when = when, .window = first_window_};
  next_id_ += 2;
  if (next_id_ > kLastId || (share_ != 0 && --share_ == 0)) leaving_ = true;
  ++pending_;
  const bool no_body = text_.body().empty();
  // RFC 7541 4.2: a smaller table is acknowledged in the next block.
  const bool shrink = std::exchange(shrinks_, false);
  const std::string& block = plain_blocks_ ? text_.plain_block(url)
                             : asked_      ? text_.next_block(url)
                                           : text_.first_block(url);
  asked_ = true;
  std::size_t left = block.size() + (shrink ? 1 : 0);
  std::size_t at = 0;
  for (std::uint8_t type = kHeaders; left > 0; type = kContinuation) {
    const std::size_t n = std::min(left, frame_bytes_);
    const std::uint8_t flags = static_cast<std::uint8_t>((n == left ? kEndHeaders : 0) |
                                                         (type == kHeaders && no_body ? kEndStream : 0));
    put_head(out, n, type, flags, slot.id);
    const std::size_t extra = shrink && type == kHeaders ? 1 : 0;
    if (extra != 0) out += '\x20';
    out.append(block, at, n - extra);
    at += n - extra;
    left -= n;
  }
  if (!no_body) send_body(slot, out, kMostBodyAtOnce);
}

void Http2Speaker::leave(std::string& out) {
  put_head(out, 8, kGoaway, 0, 0);
  put(out, 0, 4);  // the last stream of the server's: none
  put(out, 0, 4);  // NO_ERROR
}

void Http2Speaker::send_body(Slot& slot, std::string& out, std::size_t most) {
  const std::string& body = text_.body();
  while (most > 0 && slot.sent < body.size()) {
    const std::int64_t window = std::min(slot.window, window_);
    if (window <= 0) return;
    const std::size_t n =
        std::min({body.size() - slot.sent, static_cast<std::size_t>(window), frame_bytes_, most});
    const bool last = slot.sent + n == body.size();
    put_head(out, n, kData, last ? kEndStream : 0, slot.id);
    out.append(body, slot.sent, n);
    slot.sent += n;
    slot.window -= static_cast<std::int64_t>(n);
    window_ -= static_cast<std::int64_t>(n);
    most -= n;
  }
}

void Http2Speaker::send_more(std::string& out) {
  if (text_.body().empty()) return;
  const std::size_t before = out.size();
  for (Slot& slot : slots_) {
    const std::size_t used = out.size() - before;
    if (used >= kMostBodyAtOnce || window_ <= 0) return;
    if (slot.id != 0) send_body(slot, out, kMostBodyAtOnce - used);
  }
}

Result<> Http2Speaker::receive(Bytes in, std::string& out) {
  while (!in.empty()) {
    if (in_data_) {
      const std::size_t n = std::min(data_left_, in.size());
      take_data(n);
      in = in.subspan(n);
      if (data_left_ == 0) end_data(out);
      continue;
    }
    Bytes whole = in;
    if (!partial_.empty() || in.size() < kHead) {
      // Only what the head or the frame still lacks, so that nothing of the next frame is copied.
      const std::size_t need =
          partial_.size() < kHead ? kHead : kHead + number_at(as_bytes(std::string_view(partial_)), 0, 3);
      const std::size_t n = std::min(need - partial_.size(), in.size());
      partial_ += as_text(in.first(n));
      in = in.subspan(n);
      if (partial_.size() < kHead) continue;
      whole = as_bytes(std::string_view(partial_));
    }
    const Frame frame{number_at(whole, 0, 3), std::to_integer<std::uint8_t>(whole[3]),
                      std::to_integer<std::uint8_t>(whole[4]), number_at(whole, 5, 4) & 0x7fffffff};
    if (frame.length > kMostPayload) return bad("a frame of more than 16,384 bytes");
    if (block_stream_ != 0 && (frame.type != kContinuation || frame.stream != block_stream_))
      return bad("a frame inside a header block");
    if (!ready_ && frame.type != kSettings) return bad("a frame before SETTINGS");
    const bool split = !partial_.empty();
    if (frame.type == kData) {
      if (frame.stream == 0) return bad("DATA of no stream");
      if (!split) in = in.subspan(kHead);
      partial_.clear();
      data_ = frame;
      data_left_ = frame.length;
      in_data_ = true;
      if (data_left_ == 0) end_data(out);
      continue;
    }
    if (whole.size() < kHead + frame.length) {
      if (!split) {
        partial_ = as_text(in);
        in = {};
      } else if (in.empty()) {
        return {};
      }
      continue;
    }
    TRY_VOID(take_frame(frame, whole.subspan(kHead, frame.length), out));
    if (split)
      partial_.clear();
    else
      in = in.subspan(kHead + frame.length);
  }
  return {};
}

void Http2Speaker::take_data(std::size_t bytes) {
  data_left_ -= bytes;
  received_ += bytes;
  sink_.took_body(bytes);
  if (Slot* const slot = live_slot(data_.stream)) slot->received += bytes;
}

void Http2Speaker::end_data(std::string& out) {
  in_data_ = false;
  if (received_ > kOurWindow / 2) {
    put_window(out, 0, static_cast<std::uint32_t>(received_));
    received_ = 0;
  }
  Slot* const slot = live_slot(data_.stream);
  if (slot == nullptr) return;
  if ((data_.flags & kEndStream) != 0) return finish(*slot, out);
  if (slot->received > kOurWindow / 2) {
    put_window(out, slot->id, static_cast<std::uint32_t>(slot->received));
    slot->received = 0;
  }
}

Http2Speaker::Slot* Http2Speaker::live_slot(std::uint32_t id) {
  Slot& slot = slot_of(id);
  return id != 0 && slot.id == id ? &slot : nullptr;
}

void Http2Speaker::finish(Slot& slot, std::string& out) {
  // RFC 9113 8.1: an answer may come before the request's end; nobody wants the rest of it.
  if (slot.sent < text_.body().size()) put_reset(out, slot.id);
  const unsigned status = slot.status;
  const TimePoint due = slot.when.due;
  release(slot);
  if (status == 0)
    sink_.failed(Failure::protocol, due);
  else
    sink_.answered(status, due);
}

Result<> Http2Speaker::take_frame(const Frame& frame, Bytes payload, std::string& out) {
  switch (frame.type) {
    case kHeaders:
      return take_headers(frame, payload, out);
    case kContinuation:
      if (block_stream_ == 0) return bad("CONTINUATION of no header block");
      return inflate(payload, (frame.flags & kEndHeaders) != 0, out);
    case kReset:
      if (payload.size() != 4 || frame.stream == 0) return bad("RST_STREAM of a wrong size or stream");
      take_reset(frame, number_at(payload, 0, 4));
      return {};
    case kSettings:
      return take_settings(frame, payload, out);
    case kPing:
      if (payload.size() != 8) return bad("PING of a wrong size");
      if ((frame.flags & kAck) != 0) return {};
      put_head(out, 8, kPing, kAck, 0);
      out += as_text(payload);
      return {};
    case kGoaway:
      if (payload.size() < 8) return bad("GOAWAY of a wrong size");
      take_goaway(number_at(payload, 0, 4) & 0x7fffffff);
      return {};
    case kWindow:
      return take_window(frame, payload);
    case kPush:
      return bad("PUSH_PROMISE, which was not allowed");
    default:
      return {};  // RFC 9113 4.1: unknown types are ignored
  }
}

Result<> Http2Speaker::take_headers(const Frame& frame, Bytes payload, std::string& out) {
  if (frame.stream == 0) return bad("HEADERS of no stream");
  std::size_t pad = 0;
  if ((frame.flags & kPadded) != 0) {
    if (payload.empty()) return bad("HEADERS without the length of its padding");
    pad = std::to_integer<std::size_t>(payload[0]);
    payload = payload.subspan(1);
  }
  const std::size_t priority = (frame.flags & kPriority) != 0 ? 5 : 0;
  if (payload.size() < pad + priority) return bad("HEADERS with more padding than bytes");
  payload = payload.subspan(priority, payload.size() - priority - pad);
  block_stream_ = frame.stream;
  block_ends_stream_ = (frame.flags & kEndStream) != 0;
  block_bytes_ = 0;
  return inflate(payload, (frame.flags & kEndHeaders) != 0, out);
}

Result<> Http2Speaker::inflate(Bytes fragment, bool last, std::string& out) {
  block_bytes_ += fragment.size();
  if (block_bytes_ > kLongestBlock) return bad("a header block of more than 256 KiB");
  Slot* const slot = live_slot(block_stream_);
  const std::uint8_t* at = as_u8(fragment);
  std::size_t left = fragment.size();
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const ssize_t n = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, at, left, last ? 1 : 0);
    if (n < 0) return bad(std::string("HPACK: ") + nghttp2_strerror(static_cast<int>(n)));
    at += n;
    left -= static_cast<std::size_t>(n);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0 && slot != nullptr && field.namelen == 7 &&
        std::string_view(reinterpret_cast<const char*>(field.name), 7) == ":status") {
      const auto status =
          parse_number<std::uint16_t>({reinterpret_cast<const char*>(field.value), field.valuelen});
      if (!status || *status < 100 || *status > 999) return bad("a :status of no three digits");
      if (*status >= 200) slot->status = *status;
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
  }
  if (!last) return {};
  nghttp2_hd_inflate_end_headers(inflater_.get());
  block_stream_ = 0;
  if (block_ends_stream_ && slot != nullptr) finish(*slot, out);
  return {};
}

Result<> Http2Speaker::take_settings(const Frame& frame, Bytes payload, std::string& out) {
  if ((frame.flags & kAck) != 0) return ready_ ? Result<>{} : bad("an acknowledgement before SETTINGS");
  if (payload.size() % 6 != 0 || frame.stream != 0) return bad("SETTINGS of a wrong size or stream");
  for (std::size_t at = 0; at < payload.size(); at += 6) {
    TRY_VOID(
        take_setting(static_cast<std::uint16_t>(number_at(payload, at, 2)), number_at(payload, at + 2, 4)));
  }
  put_head(out, 0, kSettings, kAck, 0);
  ready_ = true;
  return {};
}

Result<> Http2Speaker::take_setting(std::uint16_t id, std::uint32_t value) {
  switch (id) {
    case 1:  // HEADER_TABLE_SIZE; 4,096 until it is said
      if (value >= 4096 && text_.table_bytes() <= 4096) break;
      plain_blocks_ = shrinks_ = true;
      break;
    case 3:  // MAX_CONCURRENT_STREAMS
      most_ = std::min(wanted_, value);
      break;
    case 4: {  // INITIAL_WINDOW_SIZE changes the open streams' windows too (RFC 9113 6.9.2)
      if (value > kLargestWindow) return bad("INITIAL_WINDOW_SIZE beyond 2^31 - 1");
      for (Slot& slot : slots_) slot.window += static_cast<std::int64_t>(value) - first_window_;
      first_window_ = value;
      break;
    }
    case 5:  // MAX_FRAME_SIZE
      if (value < 16384 || value > 0xffffff) return bad("MAX_FRAME_SIZE outside its range");
      break;  // 16,384 is never too large
    default:
      break;
  }
  return {};
}

Result<> Http2Speaker::take_window(const Frame& frame, Bytes payload) {
  if (payload.size() != 4) return bad("WINDOW_UPDATE of a wrong size");
  const std::int64_t more = number_at(payload, 0, 4) & 0x7fffffff;
  if (frame.stream == 0) {
    window_ += more;
    return window_ > kLargestWindow ? bad("a window beyond 2^31 - 1") : Result<>{};
  }
  if (Slot* const slot = live_slot(frame.stream)) slot->window += more;
  return {};
}

void Http2Speaker::take_reset(const Frame& frame, std::uint32_t code) {
  Slot* const slot = live_slot(frame.stream);
  if (slot == nullptr) return;
  const TimePoint due = slot->when.due;
  release(*slot);
  sink_.failed(code == kRefused ? Failure::refused_stream : Failure::stream_reset, due);
}

void Http2Speaker::take_goaway(std::uint32_t last) {
  leaving_ = true;
  for (Slot& slot : slots_) {
    if (slot.id <= last) continue;  // free ones too
    const TimePoint due = slot.when.due;
    release(slot);
    sink_.unprocessed(due);
  }
}

bool Http2Speaker::expire(TimePoint limit, std::string& out) {
  if (pending_ == 0) return true;
  for (Slot& slot : slots_) {
    if (slot.id == 0 || slot.when.at >= limit) continue;
    const TimePoint due = slot.when.due;
    put_reset(out, slot.id);
    release(slot);
    sink_.failed(Failure::timeout, due);
  }
  return true;
}

void Http2Speaker::abandon(Failure why) {
  for (Slot& slot : slots_) {
    if (slot.id == 0) continue;
    const TimePoint due = slot.when.due;
    release(slot);
    sink_.failed(why, due);
  }
  leaving_ = true;
}

}  // namespace sally::load
