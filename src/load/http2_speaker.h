// load/http2_speaker.h - asks and reads answers of HTTP/2, as little of them as a count needs (RFC 9113).
// Only HPACK is the library's.
#pragma once
#include <nghttp2/nghttp2.h>

#include <vector>

#include "crypto/owned.h"
#include "load/request_text.h"
#include "load/speaker.h"

namespace sally::load {

class Http2Speaker final : public Speaker {
 public:
  /// `streams`: requests on their way at once, if the server allows so many. `share`: requests in all; 0: as
  /// many as the server takes. `text` and `sink` must outlive it.
  Http2Speaker(const RequestText& text, AnswerSink& sink, unsigned streams, std::uint64_t share = 0);

  void begin(std::string& out) override;
  /// One request need not wait for the server's SETTINGS (RFC 9113 3.4); they say how many more.
  bool has_room() const override { return !leaving_ && pending_ < (ready_ ? most_ : 1); }
  void ask(std::size_t url, Asked when, std::string& out) override;
  Result<> receive(Bytes in, std::string& out) override;
  void send_more(std::string& out) override;
  unsigned pending() const override { return pending_; }
  bool is_leaving() const override { return leaving_; }
  void leave(std::string& out) override;
  bool expire(TimePoint limit, std::string& out) override;
  void end_of_stream() override {}
  void abandon(Failure why) override;

 private:
  struct Frame {
    std::uint32_t length = 0;
    std::uint8_t type = 0, flags = 0;
    std::uint32_t stream = 0;
  };
  struct Slot {
    std::uint32_t id = 0;  ///< 0: free
    unsigned status = 0;
    Asked when{};
    std::size_t sent = 0;        ///< of the body
    std::int64_t window = 0;     ///< what the server takes of the body
    std::uint64_t received = 0;  ///< since the last WINDOW_UPDATE
  };

  Slot& slot_of(std::uint32_t id) { return slots_[(id / 2) & (slots_.size() - 1)]; }
  Slot* live_slot(std::uint32_t id);
  Result<> take_frame(const Frame& frame, Bytes payload, std::string& out);
  void take_data(std::size_t bytes);
  void end_data(std::string& out);
  Result<> take_headers(const Frame& frame, Bytes payload, std::string& out);
  Result<> inflate(Bytes fragment, bool last, std::string& out);
  Result<> take_settings(const Frame& frame, Bytes payload, std::string& out);
  Result<> take_setting(std::uint16_t id, std::uint32_t value);
  Result<> take_window(const Frame& frame, Bytes payload);
  void take_reset(const Frame& frame, std::uint32_t code);
  void take_goaway(std::uint32_t last);
  void finish(Slot& slot, std::string& out);
  void send_body(Slot& slot, std::string& out, std::size_t most);
  void release(Slot& slot) {
    slot.id = 0;
    --pending_;
  }

  const RequestText& text_;
  AnswerSink& sink_;
  crypto::Owned<nghttp2_hd_inflater, nghttp2_hd_inflate_del> inflater_;
  std::vector<Slot> slots_;  ///< a power of two; a stream's number says which
  unsigned wanted_, most_, pending_ = 0;
  std::uint64_t share_;   ///< what is left of it
  bool plain_blocks_;     ///< the HPACK table has no room
  bool shrinks_ = false;  ///< the next block is to acknowledge that
  std::uint32_t next_id_ = 1;
  bool ready_ = false, leaving_ = false, asked_ = false;
  std::int64_t window_ = 65535, first_window_ = 65535;  ///< of the connection, and of a new stream
  std::size_t frame_bytes_ = 16384;                     ///< that the server takes
  std::uint64_t received_ = 0;                          ///< since the last WINDOW_UPDATE of the connection

  std::string partial_;  ///< a frame that came in pieces
  Frame data_;           ///< a DATA frame whose payload is under way
  std::size_t data_left_ = 0;
  bool in_data_ = false;

  std::uint32_t block_stream_ = 0;  ///< whose header block is not at its end; 0: none
  bool block_ends_stream_ = false;
  std::size_t block_bytes_ = 0;
};

}  // namespace sally::load
