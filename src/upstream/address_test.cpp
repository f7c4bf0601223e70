#include "upstream/address.h"

#include <gtest/gtest.h>

namespace sally::upstream {
namespace {

std::string read(std::string_view text) {
  std::string why;
  const auto a = Address::parse(text, why);
  return a ? a->text + " " + a->host + " " + std::to_string(a->port) + a->socket_path : "-" + why;
}

TEST(Address, TakesHostsWithPortsAndSockets) {
  EXPECT_EQ(read("127.0.0.1:3000"), "127.0.0.1:3000 127.0.0.1 3000");
  EXPECT_EQ(read("http://127.0.0.1:3000"), "127.0.0.1:3000 127.0.0.1 3000");
  EXPECT_EQ(read("HTTP://App.internal:3000/"), "app.internal:3000 app.internal 3000");
  EXPECT_EQ(read("http://app"), "app:80 app 80");
  EXPECT_EQ(read("[::1]:3000"), "[::1]:3000 ::1 3000");
  EXPECT_EQ(read("unix:/run/app.sock"), "unix:/run/app.sock  0/run/app.sock");
  EXPECT_EQ(read("https://app"), "https://app:443 app 443");
  EXPECT_EQ(read("h2c://app:50051"), "h2c://app:50051 app 50051");
  EXPECT_EQ(read("tls://mail:993"), "tls://mail:993 mail 993");
  EXPECT_EQ(read("starttls://mail:143"), "starttls://mail:143 mail 143");
  EXPECT_EQ(read("tls://mail"), "-has no port; write \"mail:3000\"");
  EXPECT_EQ(read("h2c+unix:/run/app.sock"), "h2c+unix:/run/app.sock  0/run/app.sock");
}

TEST(Address, SaysWhatIsWrong) {
  EXPECT_EQ(read("app"), "-has no port; write \"app:3000\"");
  EXPECT_EQ(read("http://app/path"), "-has a path; a backend is only a host and a port");
  EXPECT_EQ(read("ftp://app"),
            "-has a scheme that is not spoken to backends; write \"http://host:port\", \"https://host\" or "
            "\"h2c://host:port\"");
  EXPECT_EQ(read("app:70000"), "-is no address; write \"host:port\" or \"unix:/path\"");
  EXPECT_EQ(read("user@app:1"), "-is no address; write \"host:port\" or \"unix:/path\"");
  EXPECT_EQ(read(""), "-is no address; write \"host:port\" or \"unix:/path\"");
  EXPECT_EQ(read("unix:run/app.sock"), "-needs an absolute path: \"unix:/run/app.sock\"");
  EXPECT_EQ(read("unix:/" + std::string(200, 'x')),
            "-is longer than the path of a socket can be (107 bytes)");
}

}  // namespace
}  // namespace sally::upstream
