// The half of ServerCodec that sends: heads to nghttp2, frames and content to the sink.
#include <algorithm>
#include <utility>

#include "proto/http2/answer_fields.h"
#include "proto/http2/frame_events.h"
#include "proto/http2/priority.h"
#include "proto/http2/server_codec.h"

namespace sally::http2 {
namespace {

constexpr std::size_t kFrameHead = 9;    // RFC 9113 4.1
constexpr std::size_t kLeastData = 512;  // a DATA frame is not begun for less room, unless it is the rest

}  // namespace

Result<> ServerCodec::submit_answer(Stream& s) {
  FieldList fields;
  TRY(const AnswerPlan plan, list_answer(s.x, stamp_, fields));
  s.length_known = plan.length_known;
  s.body_left = plan.length;
  const nghttp2_data_provider provider = body_provider();
  const auto all = fields.all();
  const int rv = nghttp2_submit_response(session_.get(), s.id, all.data(), all.size(),
                                         plan.has_content ? &provider : nullptr);
  if (rv != 0) return fail(kBadAnswer, WirePos{UINT64_MAX, s.id}, nghttp2_strerror(rv));
  if (!std::exchange(s.answering, true)) ++answering_;
  if (plan.has_content) set_priority(s);
  return {};
}

/// RFC 9218 8: what the server says of its answer outweighs what the client said.
void ServerCodec::set_priority(const Stream& s) {
  const auto ours = s.x.response.fields.first("priority");
  if (!ours) return;
  Priority merged;
  if (const auto theirs = s.x.request.fields.first("priority")) apply_priority(*theirs, merged);
  apply_priority(*ours, merged);
  const nghttp2_extpri priority{merged.urgency, merged.incremental ? 1 : 0};
  // The client's signals count no longer: nghttp2 applies its field only after on_request().
  nghttp2_session_change_extpri_stream_priority(session_.get(), s.id, &priority, 1);
}

void ServerCodec::submit_interim(Stream& s, int status, const http::Fields& given) {
  FieldList fields;
  if (!list_interim(s.x, status, given, fields)) return;
  // Interims are rare and their fields go with the call: nghttp2 copies these.
  std::vector<nghttp2_nv> copied(fields.all().begin(), fields.all().end());
  for (nghttp2_nv& nv : copied) nv.flags = NGHTTP2_NV_FLAG_NONE;
  nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, s.id, nullptr, copied.data(), copied.size(),
                         nullptr);
  tell_sendable();
}

void ServerCodec::reset(Stream& s, std::uint32_t code) {
  if (std::exchange(s.ours, true)) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, s.id, code);
  tell_sendable();
}

Result<bool> ServerCodec::produce(ByteSink& out) {
  const Inside inside(*this);
  if (ended_) return blocked_ = write_farewell(out);
  out_ = &out;
  blocked_ = write_frames(out);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (broken_) {
    end_with(*broken_, NGHTTP2_ENHANCE_YOUR_CALM);
    return blocked_ = write_farewell(out);
  }
  if (gave_up_ && pending_.empty()) {
    ended_ = true;
    end_all(kProtocol.id);
  }
  return blocked_;
}

/// True: there was no room for all.
bool ServerCodec::write_farewell(ByteSink& out) {
  const std::size_t n = std::min(out.room(), farewell_.size());
  if (n != 0) out.write(as_bytes(std::string_view(farewell_).substr(0, n)));
  farewell_.erase(0, n);
  return !farewell_.empty();
}

bool ServerCodec::write_frames(ByteSink& out) {
  paused_ = false;
  for (;;) {
    const std::size_t room = out.room();
    if (!pending_.empty()) {
      const std::size_t n = std::min(room, pending_.size());
      if (n != 0) out.write(pending_.first(n));
      pending_ = pending_.subspan(n);
      if (!pending_.empty()) return true;
      continue;
    }
    if (room == 0) return nghttp2_session_want_write(session_.get()) != 0;
    const std::uint8_t* at = nullptr;
    const ssize_t n = nghttp2_session_mem_send(session_.get(), &at);
    if (n > 0) {
      pending_ = std::as_bytes(std::span(at, static_cast<std::size_t>(n)));
      continue;
    }
    if (n < 0 && !broken_)
      broken_.emplace(kLibrary, WirePos{}, nghttp2_strerror(static_cast<int>(n)),
                      std::source_location::current());
    return paused_;
  }
}

/// How much of the answer's content the next DATA frame carries: at most `most` bytes, no more than there is
/// room for, so that write_data() can write all of it at once.
std::ptrdiff_t ServerCodec::read_body(Stream& s, std::size_t most, std::uint32_t& flags) {
  const std::size_t room = out_->room();
  const std::size_t least = s.length_known ? std::min<std::uint64_t>(s.body_left, kLeastData) : kLeastData;
  if (room < kFrameHead + least) {
    paused_ = true;
    return NGHTTP2_ERR_PAUSE;
  }
  http::Exchange& x = s.x;
  bool end = s.length_known && s.body_left == 0;
  content_ = {};
  if (!end) {
    auto view = x.response.body.view(std::min(most, room - kFrameHead));
    const bool too_long = view && s.length_known && view->bytes.size() > s.body_left;
    const bool too_short = view && view->end && s.length_known && view->bytes.size() < s.body_left;
    if (!view || too_long || too_short) {
      if (x.failure.empty()) x.failure = view ? kBadAnswer.id : view.error().kind().id;
      s.ours = true;
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    content_ = view->bytes;
    end = view->end || (s.length_known && content_.size() == s.body_left);
  }
  if (content_.empty() && !end) {
    if (!std::exchange(s.starved, true)) ++starved_;
    return NGHTTP2_ERR_DEFERRED;
  }
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (!end) return static_cast<std::ptrdiff_t>(content_.size());
  flags |= NGHTTP2_DATA_FLAG_EOF;
  if (x.response.trailers.empty() || std::exchange(s.trailers_sent, true))
    return static_cast<std::ptrdiff_t>(content_.size());
  FieldList fields;
  if (!list_trailers(x.response.trailers, fields)) {
    if (x.failure.empty()) x.failure = kBadAnswer.id;
    s.ours = true;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
  nghttp2_submit_trailer(session_.get(), s.id, fields.all().data(), fields.all().size());
  return static_cast<std::ptrdiff_t>(content_.size());
}

void ServerCodec::write_data(Stream& s, Bytes frame_head, std::size_t length) {
  out_->write(frame_head);
  if (length == 0) return;
  out_->write(content_.first(length));
  s.x.response.body.consume(length);
  s.x.sent_body_bytes += length;
  if (s.length_known) s.body_left -= length;
}

void ServerCodec::answer_is_out(Stream& s) {
  if (std::exchange(s.answering, false)) --answering_;
  if (std::exchange(s.starved, false)) --starved_;
  s.answered = true;
  if (s.input_whole) return;
  // RFC 9113 8.1 allows to reset the stream now, but clients that are still sending lose the answer by it
  // (curl 7.88). As over HTTP/1.1 some of the rest is taken and thrown away; that gives the client a round
  // trip to read the answer and to end the stream itself. One that waits for a 100 sends nothing more.
  // A tunnel has no answer to lose: whoever took the client's bytes is gone.
  if (s.continue_due || s.x.tunnel())
    reset(s, NGHTTP2_NO_ERROR);
  else
    s.x.request_body.discard();
}

}  // namespace sally::http2
