// The half of ServerCodec that sends: heads to nghttp3, content to QUIC, kept until the client has it.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "proto/http2/answer_fields.h"
#include "proto/http2/priority.h"
#include "proto/http3/server_codec.h"

namespace sally::http3 {
namespace {

constexpr std::size_t kMostContent = 16 * 1024;  // of one piece

/// The list of HTTP/2 holds the same: views, of names and values that live as long as their exchange.
std::vector<nghttp3_nv> list_of(const http2::FieldList& fields, std::uint8_t flags) {
  std::vector<nghttp3_nv> out;
  out.reserve(fields.all().size());
  for (const nghttp2_nv& f : fields.all()) out.push_back({f.name, f.value, f.namelen, f.valuelen, flags});
  return out;
}

constexpr std::uint8_t kNoCopy = NGHTTP3_NV_FLAG_NO_COPY_NAME | NGHTTP3_NV_FLAG_NO_COPY_VALUE;

}  // namespace

Result<> ServerCodec::submit_answer(Stream& s) {
  http2::FieldList fields;
  TRY(const http2::AnswerPlan plan, http2::list_answer(s.x, stamp_, fields));
  s.length_known = plan.length_known;
  s.body_left = plan.length;
  const auto list = list_of(fields, kNoCopy);
  const nghttp3_data_reader reader = body_reader();
  const int rv = nghttp3_conn_submit_response(session_.get(), s.id, list.data(), list.size(),
                                              plan.has_content ? &reader : nullptr);
  if (rv != 0) return fail(kBadAnswer, WirePos{UINT64_MAX, s.id}, nghttp3_strerror(rv));
  if (!std::exchange(s.answering, true)) ++answering_;
  // RFC 9218 8: what the server says of its answer outweighs what the client said.
  if (const auto ours = s.x.response.fields.first("priority")) {
    http2::Priority merged;
    if (const auto theirs = s.x.request.fields.first("priority")) http2::apply_priority(*theirs, merged);
    http2::apply_priority(*ours, merged);
    const nghttp3_pri priority{static_cast<std::uint32_t>(merged.urgency),
                               static_cast<std::uint8_t>(merged.incremental)};
    nghttp3_conn_set_server_stream_priority(session_.get(), s.id, &priority);
  }
  return {};
}

void ServerCodec::submit_interim(Stream& s, int status, const http::Fields& given) {
  http2::FieldList fields;
  if (!http2::list_interim(s.x, status, given, fields)) return;
  // Interims are rare and their fields go with the call: nghttp3 copies these.
  const auto list = list_of(fields, NGHTTP3_NV_FLAG_NONE);
  nghttp3_conn_submit_info(session_.get(), s.id, list.data(), list.size());
  tell_sendable();
}

void ServerCodec::reset(Stream& s, std::uint64_t error) {
  if (std::exchange(s.ours, true)) return;
  nghttp3_conn_shutdown_stream_read(session_.get(), s.id);
  nghttp3_conn_shutdown_stream_write(session_.get(), s.id);
  connection_->shut(s.id, error);
  tell_sendable();
}

std::expected<void, std::uint64_t> ServerCodec::next(Next& next) {
  if (ended_ || !session_) return {};
  const Inside inside(*this);
  int end = 0;
  std::array<nghttp3_vec, kPieces> pieces;
  const nghttp3_ssize n =
      nghttp3_conn_writev_stream(session_.get(), &next.stream, &end, pieces.data(), pieces.size());
  if (const Fault fault = fault_of(n)) return std::unexpected(*fault);
  next.count = static_cast<std::size_t>(n);
  next.end = end != 0;
  std::size_t size = 0;
  for (std::size_t i = 0; i < next.count; ++i) {
    next.pieces[i] = {pieces[i].base, pieces[i].len};
    size += pieces[i].len;
  }
  ending_ = next.end ? next.stream : -1;
  ending_bytes_ = size;
  return {};
}

void ServerCodec::sent(std::int64_t stream, std::size_t bytes) {
  const Inside inside(*this);
  nghttp3_conn_add_write_offset(session_.get(), stream, bytes);
  if (stream != ending_ || bytes != ending_bytes_) return;
  ending_ = -1;
  if (Stream* const s = find(stream)) answer_is_out(*s);
}

void ServerCodec::blocked(std::int64_t stream) { nghttp3_conn_block_stream(session_.get(), stream); }

void ServerCodec::shut(std::int64_t stream) { nghttp3_conn_shutdown_stream_write(session_.get(), stream); }

ServerCodec::Fault ServerCodec::room_again(std::int64_t stream) {
  if (!ended_) nghttp3_conn_unblock_stream(session_.get(), stream);
  return std::nullopt;
}

ServerCodec::Fault ServerCodec::acknowledged(std::int64_t stream, std::uint64_t bytes) {
  if (ended_) return std::nullopt;
  const Inside inside(*this);
  taken_ += bytes;
  return fault_of(nghttp3_conn_add_ack_offset(session_.get(), stream, bytes));
}

/// The content of the next DATA frames, at most kMostContent bytes of it.
nghttp3_ssize ServerCodec::read_body(Stream& s, nghttp3_vec& to, std::uint32_t& flags) {
  http::Exchange& x = s.x;
  const auto give_up = [&](std::string_view failure) -> nghttp3_ssize {
    if (x.failure.empty()) x.failure = failure;
    reset(s, NGHTTP3_H3_INTERNAL_ERROR);
    return NGHTTP3_ERR_WOULDBLOCK;
  };
  if (held_ >= limits_->output_buffer_bytes) {
    if (!std::exchange(s.full, true)) ++full_;
    return NGHTTP3_ERR_WOULDBLOCK;
  }
  bool end = s.length_known && s.body_left == 0;
  Bytes content;
  if (!end) {
    auto view = x.response.body.view(kMostContent);
    if (!view) return give_up(view.error().kind().id);
    content = view->bytes;
    const bool too_long = s.length_known && content.size() > s.body_left;
    const bool too_short = view->end && s.length_known && content.size() < s.body_left;
    if (too_long || too_short) return give_up(kBadAnswer.id);
    end = view->end || (s.length_known && content.size() == s.body_left);
  }
  if (content.empty() && !end) {
    if (!std::exchange(s.starved, true)) ++starved_;
    return NGHTTP3_ERR_WOULDBLOCK;
  }
  if (end) {
    flags |= NGHTTP3_DATA_FLAG_EOF;
    if (!x.response.trailers.empty()) {
      flags |= NGHTTP3_DATA_FLAG_NO_END_STREAM;
      if (!add_trailers(s)) return give_up(kBadAnswer.id);
    }
  }
  return content.empty() ? 0 : keep(s, content, to);
}

nghttp3_ssize ServerCodec::keep(Stream& s, Bytes content, nghttp3_vec& to) {
  Sent piece{std::make_unique_for_overwrite<std::uint8_t[]>(content.size()), content.size()};
  std::memcpy(piece.bytes.get(), content.data(), content.size());
  to = {piece.bytes.get(), piece.size};
  s.unacknowledged.push_back(std::move(piece));
  s.held += content.size();
  held_ += content.size();
  s.x.response.body.consume(content.size());
  s.x.sent_body_bytes += content.size();
  if (s.length_known) s.body_left -= content.size();
  return 1;
}

bool ServerCodec::add_trailers(Stream& s) {
  http2::FieldList fields;
  if (!http2::list_trailers(s.x.response.trailers, fields)) return false;
  const auto list = list_of(fields, kNoCopy);
  return nghttp3_conn_submit_trailers(session_.get(), s.id, list.data(), list.size()) == 0;
}

/// The client has these bytes: what was kept to send them again goes.
void ServerCodec::forget(Stream& s, std::size_t bytes) {
  s.first_acknowledged += bytes;
  while (!s.unacknowledged.empty() && s.first_acknowledged >= s.unacknowledged.front().size) {
    const std::size_t size = s.unacknowledged.front().size;
    s.first_acknowledged -= size;
    s.held -= size;
    held_ -= size;
    s.unacknowledged.pop_front();
  }
  if (full_ == 0 || held_ >= limits_->output_buffer_bytes) return;
  for (const auto& [id, waiting] : streams_)
    if (std::exchange(waiting->full, false)) {
      --full_;
      nghttp3_conn_resume_stream(session_.get(), id);
    }
}

void ServerCodec::answer_is_out(Stream& s) {
  if (std::exchange(s.answering, false)) --answering_;
  if (std::exchange(s.starved, false)) --starved_;
  s.answered = true;
  if (s.input_whole) return;
  // RFC 9114 4.1: the rest of the request is not wanted, and that is no error.
  s.x.request_body.discard();
  if (s.continue_due || s.x.tunnel()) connection_->stop_reading(s.id, NGHTTP3_H3_NO_ERROR);
}

}  // namespace sally::http3
