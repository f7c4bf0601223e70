// handler/multipart_body.h - several parts of a file in one answer: multipart/byteranges.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "handler/byte_ranges.h"
#include "handler/file_body.h"
#include "http/body.h"

namespace sally::handler {

/// Each part with a head of its own (RFC 9110 14.6). Memory: the heads, and what one FileBody needs.
class MultipartBody final : public http::BodySource {
 public:
  /// parts  at least two, within the form
  MultipartBody(Loop& loop, ChunkPool& chunks, std::shared_ptr<const Representation> form,
                const std::vector<ByteRange>& parts);

  /// "multipart/byteranges; boundary=...", the boundary being random: content cannot contain it on purpose.
  std::string content_type() const;
  /// Octets in all.
  std::uint64_t length() const;

  Result<http::BodyView> view(std::size_t want) override;
  void consume(std::size_t n) override;
  void wake_with(http::Waker& waker) override { waker_ = &waker; }

 private:
  struct Part {
    std::string head;
    ByteRange range;
  };
  /// Text of the current part's head, or of the end, that is not yet consumed.
  std::string_view text() const;
  void open_part();

  Loop& loop_;
  ChunkPool& chunks_;
  std::shared_ptr<const Representation> form_;
  std::string boundary_, end_;
  std::vector<Part> parts_;
  std::size_t at_ = 0;         ///< part; parts_.size(): the end
  std::size_t text_done_ = 0;  ///< consumed of its text
  std::uint64_t left_ = 0;     ///< of its content
  std::unique_ptr<FileBody> file_;
  http::Waker* waker_ = nullptr;
};

}  // namespace sally::handler
