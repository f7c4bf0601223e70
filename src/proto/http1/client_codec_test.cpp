#include "proto/http1/client_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace sally::http1 {
namespace {

struct Read {
  std::optional<AnswerHead> head;
  std::string content, error, cause;
  http::Fields fields, trailers;
  bool whole = false;
  std::size_t left = 0;  ///< octets behind the answer
};

class ClientCodecTest : public testing::Test {
 protected:
  /// One answer that comes in pieces of `cut` octets and is followed by the server's close.
  Read read(std::string_view text, std::size_t cut = SIZE_MAX, http::Method method = http::Method::get) {
    Read r;
    ClientCodec codec(limits_);
    codec.expect(method);
    std::string have;
    std::size_t at = 0;
    const auto fault = [&](const Error& e) { r.error = e.kind().id, r.cause = e.text(); };
    while (!r.head || r.head->status < 200) {
      if (at == text.size() && have.empty()) return r;
      auto head = codec.read_head(have, memory_, r.fields);
      if (!have.empty() && !head) return fault(head.error()), r;
      if (!have.empty() && *head) {
        r.head = **head;
        have.erase(0, r.head->size);
        if (r.head->status < 200) r.fields.clear();
        continue;
      }
      if (at == text.size()) return r;
      const std::size_t n = std::min(cut, text.size() - at);
      have += text.substr(at, n);
      at += n;
    }
    r.whole = r.head->end == AnswerEnd::at_once;
    while (!r.whole) {
      if (have.empty() && at == text.size()) {
        auto end = codec.end_of_input();
        if (!end) return fault(end.error()), r;
        r.whole = true;
        break;
      }
      if (have.empty()) {
        const std::size_t n = std::min(cut, text.size() - at);
        have = text.substr(at, n);
        at += n;
      }
      auto piece = codec.read_content(as_bytes(have));
      if (!piece) return fault(piece.error()), r;
      r.content += as_text(piece->content);
      r.whole = piece->whole;
      have.erase(0, piece->used);
    }
    if (auto trailers = codec.read_trailers(memory_, r.trailers); !trailers) fault(trailers.error());
    r.left = have.size() + text.size() - at;
    return r;
  }

  http::HttpLimits limits_;
  Arena memory_;
};

TEST_F(ClientCodecTest, ReadsAnswersHoweverTheyAreCut) {
  const std::string text =
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Sum: 1\r\n\r\nHTTP";
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    const Read r = read(text, cut);
    ASSERT_EQ(r.error, "") << cut << r.cause;
    EXPECT_EQ(r.head->status, 200);
    EXPECT_EQ(r.fields.first("content-type"), "text/plain");
    EXPECT_EQ(r.fields.count("link"), 0u);
    EXPECT_EQ(r.content, "hello world");
    EXPECT_EQ(r.trailers.first("x-sum"), "1");
    EXPECT_TRUE(r.whole);
    EXPECT_EQ(r.left, 4u);
  }
}

TEST_F(ClientCodecTest, KnowsWhereAnAnswerEnds) {
  using E = AnswerEnd;
  const std::tuple<http::Method, const char*, E, bool> kRows[] = {
      {http::Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", E::length, true},
      {http::Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", E::at_once, true},
      {http::Method::get, "HTTP/1.1 200 OK\r\n\r\nabc", E::at_close, false},
      {http::Method::get, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", E::length, false},
      {http::Method::get, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
       E::length, true},
      {http::Method::get, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", E::length,
       false},
      {http::Method::get, "HTTP/1.1 204 No Content\r\n\r\n", E::at_once, true},
      {http::Method::get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", E::at_once, true},
      {http::Method::head, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", E::at_once, true},
      {http::Method::head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", E::at_once, true},
      {http::Method::get, "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", E::length, true},
  };
  for (const auto& [method, text, end, keeps] : kRows) {
    const Read r = read(text, SIZE_MAX, method);
    ASSERT_EQ(r.error, "") << text;
    EXPECT_EQ(r.head->end, end) << text;
    EXPECT_EQ(r.head->keeps, keeps) << text;
    EXPECT_TRUE(r.whole) << text;
    EXPECT_EQ(r.content, end == E::at_once ? "" : "abc") << text;
  }
}

TEST_F(ClientCodecTest, RefusesWhatIsNotPlain) {
  const std::pair<const char*, const char*> kRows[] = {
      {"SSH-2.0-OpenSSH_9.2\r\n", "http1.bad_status_line"},
      {"HTTP/2 200 OK\r\n\r\n", "http1.bad_status_line"},
      {"HTTP/1.1  200 OK\r\n\r\n", "http1.bad_status_line"},
      {"HTTP/1.1 20 OK\r\n\r\n", "http1.bad_status_line"},
      {"HTTP/1.1 2000 OK\r\n\r\n", "http1.bad_status_line"},
      {"HTTP/1.1 999 OK\r\n\r\n", "http1.bad_status_line"},
      {"HTTP/1.1 099 OK\r\n\r\n", "http1.bad_status_line"},
      {"HTTP/1.1 200 O\x01K\r\n\r\n", "http1.bad_status_line"},
      {"HTTP/1.1 200 OK\nA: b\n\n", "http1.bad_status_line"},
      {"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "http1.bad_server_head"},
      {"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "http1.bad_server_head"},
      {"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "http1.bad_server_head"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "http1.server_framing"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc", "http1.server_framing"},
      {"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc", "http1.server_framing"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "http1.server_framing"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "http1.server_framing"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       "http1.server_framing"},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "http1.server_framing"},
      {"HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "http1.server_framing"},
      {"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", "http1.unasked_switch"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "http1.bad_server_content"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: a\r\n\r\n",
       "http1.bad_server_content"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "http1.server_cut_short"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "http1.server_cut_short"},
  };
  for (const auto& [text, id] : kRows)
    for (const std::size_t cut : {SIZE_MAX, std::size_t{1}}) EXPECT_EQ(read(text, cut).error, id) << text;
}

TEST_F(ClientCodecTest, HoldsItsLimits) {
  limits_.header_bytes = 200;
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nA: " + std::string(300, 'x')).error, "http1.server_head_too_large");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nA: " + std::string(300, 'x') + "\r\n\r\n").error,
            "http1.server_head_too_large");
  limits_.header_bytes = 8000;
  limits_.header_count = 2;
  const Read many = read("HTTP/1.1 200 OK\r\nA: b\r\nA: b\r\nA: b\r\n\r\n");
  EXPECT_EQ(many.error, "http1.server_head_too_large");
  EXPECT_NE(many.cause.find("http1.too_many_fields"), std::string::npos) << many.cause;
  std::string flood;
  for (unsigned i = 0; i <= ClientCodec::kInterims; ++i) flood += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_EQ(read(flood).error, "http1.too_many_interim_answers");
}

TEST_F(ClientCodecTest, TellsHowLongAConnectionIsKept) {
  const auto keep_for = [&](std::string_view value) {
    return read("HTTP/1.1 204 No\r\nKeep-Alive: " + std::string(value) + "\r\n\r\n").head->keep_for.count();
  };
  EXPECT_EQ(keep_for("timeout=5"), 5);
  EXPECT_EQ(keep_for("max=100, Timeout=72"), 72);
  EXPECT_EQ(keep_for("timeout=x"), 0);
  EXPECT_EQ(keep_for("max=3"), 0);
}

TEST_F(ClientCodecTest, AfterASwitchThereIsNoMoreHttp) {
  constexpr std::string_view kSwitch =
      "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";
  ClientCodec codec(limits_);
  codec.expect(http::Method::get, true);
  http::Fields fields;
  const auto head = codec.read_head(std::string(kSwitch) + "0\r\n\r\n", memory_, fields);
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->end, AnswerEnd::tunnel);
  EXPECT_EQ((*head)->size, kSwitch.size());
  const std::string_view octets = "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
  EXPECT_FALSE(codec.whole_content(as_bytes(octets), memory_));
  const auto piece = codec.read_content(as_bytes(octets));
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->used, octets.size());
  EXPECT_EQ(as_text(piece->content), octets);
  EXPECT_FALSE(piece->whole);
  EXPECT_TRUE(codec.end_of_input());
}

TEST_F(ClientCodecTest, LooksAheadForWholeContent) {
  const auto ahead = [&](std::string_view head, std::string_view content) -> std::string {
    ClientCodec codec(limits_);
    codec.expect(http::Method::get);
    http::Fields fields;
    auto read = codec.read_head(head, memory_, fields);
    if (!read || !*read) return "no head";
    const auto whole = codec.whole_content(as_bytes(content), memory_);
    if (whole) return std::string(as_text(*whole));
    if (content.empty()) return "-";
    // What was looked at can still be read as usual.
    auto piece = codec.read_content(as_bytes(content));
    return piece ? "- " + std::string(as_text(piece->content)) : std::string(piece.error().kind().id);
  };
  constexpr std::string_view kLength = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  constexpr std::string_view kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(ahead(kLength, "abc"), "abc");
  EXPECT_EQ(ahead(kLength, "ab"), "- ab");
  EXPECT_EQ(ahead(kLength, "abcd"), "- abc");
  EXPECT_EQ(ahead(kChunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "abcde");
  EXPECT_EQ(ahead(kChunked, "3\r\nabc\r\n2\r\nde"), "- abc");
  EXPECT_EQ(ahead(kChunked, "7\r\n\r\n0\r\n\r\n"), "- \r\n0\r\n\r\n");
  EXPECT_EQ(ahead(kChunked, "z\r\n0\r\n\r\n"), "http1.bad_server_content");
  EXPECT_EQ(ahead("HTTP/1.1 200 OK\r\n\r\n", "abc"), "- abc");
}

}  // namespace
}  // namespace sally::http1
