// load/http1_speaker.h - asks and reads answers of HTTP/1.1, as little of them as a count needs (RFC 9112).
#pragma once
#include <optional>
#include <vector>

#include "http/http_limits.h"
#include "load/request_text.h"
#include "load/speaker.h"
#include "proto/http1/chunked.h"

namespace sally::load {

class Http1Speaker final : public Speaker {
 public:
  /// `depth`: requests on their way at once. `share`: requests in all; 0: as many as the server takes. `text`
  /// and `sink` must outlive it.
  Http1Speaker(const RequestText& text, AnswerSink& sink, unsigned depth, std::uint64_t share = 0);

  void begin(std::string&) override {}
  bool has_room() const override { return !is_leaving() && count_ < asked_.size(); }
  void ask(std::size_t url, Asked when, std::string& out) override;
  Result<> receive(Bytes in, std::string& out) override;
  void send_more(std::string&) override {}
  unsigned pending() const override { return static_cast<unsigned>(count_); }
  bool is_leaving() const override { return leaving_ || spent_; }
  void leave(std::string&) override {}
  bool expire(TimePoint limit, std::string& out) override;
  void end_of_stream() override;
  void abandon(Failure why) override;

 private:
  enum class State : std::uint8_t { head, content, chunks, to_the_end };

  /// How many bytes of `in` are done with.
  Result<std::size_t> take_head(Bytes in);
  Result<> read_head(std::string_view head);
  Result<> read_field(std::string_view line);
  Result<std::size_t> take_chunks(Bytes in);
  std::size_t take_content(Bytes in);
  void finish();
  TimePoint take_due();

  const RequestText& text_;
  AnswerSink& sink_;
  std::vector<Asked> asked_;  ///< a ring
  std::size_t first_ = 0, count_ = 0;
  std::uint64_t share_;  ///< what is left of it
  bool spent_ = false;   ///< there was one, and nothing is left
  State state_ = State::head;
  bool leaving_ = false, chunked_ = false;
  unsigned status_ = 0;
  std::optional<std::uint64_t> length_;
  std::uint64_t left_ = 0;  ///< of the content
  std::string head_;        ///< one that came in pieces
  std::optional<http1::ChunkedDecoder> chunks_;
};

}  // namespace sally::load
