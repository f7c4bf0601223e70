#include "gateway/access_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sally::gateway {
namespace {

using namespace std::chrono_literals;

struct Sample {
  Sample() : x(1024) {
    facts.client_address = "192.0.2.7";
    facts.connection_id = 42;
    facts.secure = true;
    facts.tls_version = "TLSv1.3";
    facts.tls_group = "X25519MLKEM768";
    facts.server_name = "example.com";
    facts.alpn = "h2";
    x.facts = &facts;
    x.site = "example.com";
    x.request_id = "0123456789abcdef";
    x.request.version = http::Version::http2;
    x.request.method_text = "GET";
    x.request.path = "/a";
    x.request.query = "b=c";
    x.request.has_query = true;
    x.request.host = "example.com";
    x.response.status = 200;
    x.sent_body_bytes = 1024;
    x.began = TimePoint{} + 1h;
  }
  std::string line(LogFormat format) {
    std::string out;
    append_access_line(out, format, x, 1'700'000'000, TimePoint{} + 1h + 1500us);
    return out;
  }
  http::ConnectionFacts facts;
  http::Exchange x;
};

TEST(AccessLog, JsonSaysWhatHappenedOnOneLine) {
  Sample sample;
  const std::string line = sample.line(LogFormat::json);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["time"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(json["client"], "192.0.2.7");
  EXPECT_EQ(json["path"], "/a?b=c");
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["bytes"], 1024);
  EXPECT_EQ(json["version"], "HTTP/2.0");
  EXPECT_EQ(json["group"], "X25519MLKEM768");
  EXPECT_EQ(json["resumed"], false);
  EXPECT_EQ(json["request"], "0123456789abcdef");
  EXPECT_DOUBLE_EQ(json["seconds"].get<double>(), 0.0015);
}

TEST(AccessLog, ClientsCannotForgeLines) {
  Sample sample;
  const std::string evil = "x\"}\n{\"time\":\"forged\x1b[31m\xff\\";
  sample.x.request.fields.add("user-agent", evil);
  const auto json = nlohmann::json::parse(sample.line(LogFormat::json));
  EXPECT_TRUE(json["user_agent"].get<std::string>().starts_with("x\"}\n{\"time\":\"forged\x1b[31m"));
  EXPECT_EQ(sample.line(LogFormat::json).find('\n'), sample.line(LogFormat::json).size() - 1);
  sample.x.request.path = "/a\"\n";
  EXPECT_EQ(sample.line(LogFormat::common).find('\n'), sample.line(LogFormat::common).size() - 1);
}

TEST(AccessLog, CommonFormatIsWhatToolsRead) {
  Sample sample;
  EXPECT_EQ(sample.line(LogFormat::common),
            "192.0.2.7 0123456789abcdef - [14/Nov/2023:22:13:20 +0000] \"GET /a?b=c HTTP/2.0\" 200 1024\n");
}

}  // namespace
}  // namespace sally::gateway
