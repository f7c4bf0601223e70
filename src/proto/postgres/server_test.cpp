#include "proto/postgres/server.h"

#include <gtest/gtest.h>

#include "proto/postgres/starttls.h"
#include "proto/server_script.h"

namespace sally::postgres {
namespace {

using namespace std::string_literals;
using Next = proto::ServerStep::Next;

const std::string kSsl = "\x00\x00\x00\x08\x04\xd2\x16\x2f"s, kGss = "\x00\x00\x00\x08\x04\xd2\x16\x30"s;
const std::string kCancel = "\x00\x00\x00\x10\x04\xd2\x16\x2e\x01\x02\x03\x04\x05\x06\x07\x08"s;

TEST(PostgresServer, LeadsToTls) {
  for (const bool bytewise : {false, true}) {
    const auto got = proto::serve(kServerSide, kGss + kSsl + "early", bytewise);
    EXPECT_EQ(got.sent, "NS");
    EXPECT_EQ(got.next, Next::tls);
    EXPECT_EQ(got.left, "early");
  }
  const auto direct = proto::serve(kServerSide, "\x16\x03\x01\x02\x00");
  EXPECT_EQ(direct.next, Next::hello);
  EXPECT_EQ(direct.left, "\x16\x03\x01\x02\x00"s.substr(0, 4)) << "TLS reads it again";
}

TEST(PostgresServer, LetsNobodyIn) {
  for (const bool bytewise : {false, true}) {
    const auto got = proto::serve(kServerSide, early_command({}), bytewise);
    EXPECT_EQ(got.sent.substr(0, 1), "E");
    EXPECT_EQ(static_cast<unsigned char>(got.sent[4]), got.sent.size() - 1) << "its length counts itself";
    EXPECT_NE(got.sent.find("C28000"), std::string::npos);
    EXPECT_EQ(got.next, Next::end);
  }
  EXPECT_EQ(proto::serve(kServerSide, kCancel).next, Next::end);
  EXPECT_EQ(proto::serve(kServerSide, kCancel).sent, "");
}

TEST(PostgresServer, HasLimits) {
  EXPECT_EQ(proto::serve(kServerSide, "GET / HTTP/1.1\r\n").error, "proto.other_speech");
  EXPECT_EQ(proto::serve(kServerSide, "\x00\x00\x00\x04\x00\x03\x00\x00"s).error, "proto.other_speech");
  EXPECT_EQ(proto::serve(kServerSide, "\x7f\x00\x00\x08\x00\x03\x00\x00"s).error, "proto.talks_too_much");
  std::string many;
  for (int i = 0; i < 31; ++i) many += kGss;
  EXPECT_EQ(proto::serve(kServerSide, many).error, "proto.talks_too_much");
  EXPECT_EQ(proto::serve(kServerSide, kGss + "\x16\x03\x01\x02\x00\x01\x00\x01"s).error,
            "proto.other_speech");
}

}  // namespace
}  // namespace sally::postgres
