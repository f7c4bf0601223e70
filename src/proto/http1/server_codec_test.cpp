#include "proto/http1/server_codec.h"

#include <gtest/gtest.h>

#include "proto/http1/test_connection.h"

namespace sally::http1 {
namespace {

void say_path(http::Exchange& x) { x.respond_text(200, "text/plain", "at " + std::string(x.request.path)); }

TEST(Http1Codec, AnswersOneRequest) {
  TestConnection c(say_path);
  c.feed("GET /a?b HTTP/1.1\r\nHost: Example.com:8443\r\n\r\n");
  EXPECT_EQ(c.out,
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n"
            "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nserver: sallyport\r\n\r\nat /a");
  ASSERT_EQ(c.log.size(), 1u);
  EXPECT_EQ(c.log[0].host, "example.com");
  EXPECT_EQ(c.log[0].sent_body_bytes, 5u);
  EXPECT_EQ(c.codec().waiting(), CodecWait::idle);
  EXPECT_FALSE(c.codec().finished());
}

}  // namespace
}  // namespace sally::http1
