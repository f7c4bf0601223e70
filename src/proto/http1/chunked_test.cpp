#include "proto/http1/chunked.h"

#include <gtest/gtest.h>

namespace sally::http1 {
namespace {

struct Decoded {
  std::string content, trailers, error;
  std::size_t used = 0;
  bool whole = false;
};

Decoded decode(std::string_view text, std::size_t cut, std::size_t most = SIZE_MAX,
               const http::HttpLimits& limits = {}) {
  ChunkedDecoder decoder(limits);
  Decoded d;
  while (d.used < text.size() && !d.whole) {
    const auto piece = decoder.decode(as_bytes(text.substr(d.used, cut)), most, d.used);
    if (!piece) {
      d.error = piece.error().kind().id;
      d.used = piece.error().pos().offset;
      return d;
    }
    EXPECT_LE(piece->content.size(), most);
    d.content += as_text(piece->content);
    d.used += piece->used;
    d.whole = piece->whole;
  }
  d.trailers = decoder.trailer_text();
  return d;
}

TEST(Chunked, SameContentHoweverItIsCut) {
  struct Case {
    std::string_view text, content, trailers;
  };
  constexpr Case kCases[] = {
      {"0\r\n\r\n", "", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
      {"000000000000000a\r\n0123456789\r\n00\r\n\r\n", "0123456789", ""},
      {"1;a\r\nx\r\n1 ;\tb = c\r\ny\r\n1;d=\"e;\\\"\\\\\xff\" ; f\r\nz\r\n0;g=h\r\n\r\n", "xyz", ""},
      {"2\r\n\r\n\r\n0\r\na: b\r\nc:\r\n\r\n", "\r\n", "a: b\r\nc:\r\n\r\n"},
  };
  for (const Case& c : kCases)
    for (std::size_t cut = 1; cut <= c.text.size(); ++cut)
      for (const std::size_t most : {std::size_t{1}, std::size_t{3}, SIZE_MAX}) {
        const Decoded d = decode(c.text, cut, most);
        EXPECT_EQ(d.error, "") << c.text;
        EXPECT_TRUE(d.whole);
        EXPECT_EQ(d.content, c.content);
        EXPECT_EQ(d.trailers, c.trailers);
        EXPECT_EQ(d.used, c.text.size());
      }
}

TEST(Chunked, LeavesWhatFollows) {
  const Decoded d = decode("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n", SIZE_MAX);
  EXPECT_TRUE(d.whole);
  EXPECT_EQ(d.used, 11u);
}

TEST(Chunked, ALargeSizeIsNoOverflow) {
  const Decoded d = decode("ffffffffffffffff\r\nabc", SIZE_MAX);
  EXPECT_EQ(d.error, "");
  EXPECT_EQ(d.content, "abc");
  EXPECT_FALSE(d.whole);
}

TEST(Chunked, ErrorsKnowTheirPlace) {
  const Decoded d = decode("1\r\nxy\r\n", SIZE_MAX);
  EXPECT_EQ(d.error, "http1.bad_chunk_end");
  EXPECT_EQ(d.used, 4u);
}

TEST(Chunked, TrailersMayBeForbidden) {
  http::HttpLimits limits;
  limits.trailer_bytes = 0;
  EXPECT_TRUE(decode("0\r\n\r\n", 1, SIZE_MAX, limits).whole);
  EXPECT_EQ(decode("0\r\na:\r\n\r\n", 1, SIZE_MAX, limits).error, "http1.trailers_too_large");
}

}  // namespace
}  // namespace sally::http1
