#include "proto/http1/answer_writer.h"

#include <algorithm>
#include <charconv>

namespace sally::http1 {
namespace {

/// A chunk's size of at most 16 digits with two line ends.
constexpr std::size_t kChunkFrame = 20;

std::string_view chunk_line(std::size_t size, char (&text)[kChunkFrame]) {
  char* end = std::to_chars(text, text + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {text, static_cast<std::size_t>(end - text)};
}

}  // namespace

Result<> AnswerWriter::begin(const http::Exchange& x, const http::Stamp& stamp, bool close, ByteSink& out) {
  HeadText head;
  TRY(plan_, write_head(x, stamp, close, head));
  say(head.text(), out);
  begun_ = true;
  left_ = plan_.length;
  body_done_ = plan_.framing == Framing::none || (plan_.framing == Framing::length && left_ == 0);
  return {};
}

Result<AnswerWriter::Step> AnswerWriter::write(http::Exchange& x, ByteSink& out) {
  if (!flush(out)) return Step::full;
  if (body_done_) return Step::done;
  return plan_.framing == Framing::chunked ? write_chunks(x, out) : write_plain(x, out);
}

Result<AnswerWriter::Step> AnswerWriter::write_plain(http::Exchange& x, ByteSink& out) {
  const bool counted = plan_.framing == Framing::length;
  for (;;) {
    const std::size_t room = out.room();
    if (room == 0) return Step::full;
    TRY(const http::BodyView view, x.response.body.view(room));
    const std::size_t n = view.bytes.size();
    if (counted && n > left_) return fail(kAnswerLength, "the body is longer");
    if (counted && view.end && n < left_) return fail(kAnswerLength, "the body is shorter");
    if (n != 0) {
      out.write(view.bytes);
      x.response.body.consume(n);
      x.sent_body_bytes += n;
      left_ -= counted ? n : 0;
    }
    if (counted ? left_ == 0 : view.end) {
      body_done_ = true;
      return Step::done;
    }
    if (n == 0) return Step::starved;
  }
}

Result<AnswerWriter::Step> AnswerWriter::write_chunks(http::Exchange& x, ByteSink& out) {
  char line[kChunkFrame];
  for (;;) {
    if (!flush(out)) return Step::full;
    if (body_done_) return Step::done;
    const std::size_t room = out.room();
    if (room == 0) return Step::full;
    // In a sink with next to no room a chunk is as small as the room: it must get on somehow.
    const std::size_t framed = room > kChunkFrame ? room - kChunkFrame : room;
    const std::size_t want = chunk_left_ != 0 ? std::min<std::uint64_t>(room, chunk_left_) : framed;
    TRY(const http::BodyView view, x.response.body.view(want));
    if (view.bytes.empty()) {
      if (chunk_left_ != 0) return fail(kAnswerLength, "the body takes back what it showed");
      if (!view.end) return Step::starved;
      TRY_VOID(end_chunks(x, out));
      continue;
    }
    if (chunk_left_ == 0) {
      chunk_left_ = view.bytes.size();
      say(chunk_line(view.bytes.size(), line), out);
    }
    const std::size_t n = waits() ? 0 : std::min(view.bytes.size(), out.room());
    if (n == 0) continue;
    out.write(view.bytes.first(n));
    x.response.body.consume(n);
    x.sent_body_bytes += n;
    chunk_left_ -= n;
    if (chunk_left_ != 0) continue;
    say("\r\n", out);
    if (view.end && n == view.bytes.size()) TRY_VOID(end_chunks(x, out));
  }
}

Result<> AnswerWriter::end_chunks(const http::Exchange& x, ByteSink& out) {
  HeadText text;
  text.add("0\r\n");
  // RFC 9110 6.5.1: trailers only to who said that it keeps them.
  if (!x.response.trailers.empty() && x.request.fields.lists("te", "trailers"))
    TRY_VOID(write_trailers(x.response.trailers, text));
  text.add("\r\n");
  say(text.text(), out);
  body_done_ = true;
  return {};
}

void AnswerWriter::say(std::string_view text, ByteSink& out) {
  if (waiting_.empty()) {
    const std::size_t n = std::min(text.size(), out.room());
    if (n != 0) out.write(as_bytes(text.substr(0, n)));
    text.remove_prefix(n);
  }
  waiting_ += text;
}

bool AnswerWriter::flush(ByteSink& out) {
  if (waiting_.empty()) return true;
  const std::size_t n = std::min(waiting_.size(), out.room());
  if (n != 0) out.write(as_bytes(std::string_view(waiting_).substr(0, n)));
  if (n == waiting_.size()) {
    std::string().swap(waiting_);
    return true;
  }
  waiting_.erase(0, n);
  return false;
}

void AnswerWriter::end() {
  plan_ = {};
  left_ = chunk_left_ = 0;
  begun_ = body_done_ = false;
}

void AnswerWriter::drop() {
  std::string().swap(waiting_);
  end();
}

}  // namespace sally::http1
