#include "proto/ftp/control.h"

#include <gtest/gtest.h>

namespace sally::ftp {
namespace {

/// Both sides' words into one Inside, and what became of them.
struct Session {
  Inside inside;
  Buffer said{1 << 20}, answers{1 << 20};
  std::string to_client, to_server, error;
  std::optional<Passive> passive;

  Session& step() {
    for (;;) {
      const auto moves = inside.step(said, answers);
      if (!moves) {
        error = moves.error().kind().id;
        return *this;
      }
      to_client += moves->to_client;
      to_server += moves->to_server;
      if (moves->passive) passive = moves->passive;
      if (!moves->any() || moves->passive) return *this;
    }
  }
  Session& client(std::string_view text) {
    EXPECT_TRUE(said.append(text));
    return step();
  }
  Session& server(std::string_view text) {
    EXPECT_TRUE(answers.append(text));
    return step();
  }
  std::string heard() { return std::exchange(to_client, {}); }
  std::string asked() { return std::exchange(to_server, {}); }
};

TEST(FtpInside, TransfersNeedProtection) {
  Session s;
  EXPECT_EQ(s.client("LIST\r\n").heard(), "521 Data connections need PROT P\r\n");
  EXPECT_EQ(s.client("PROT P\r\n").heard(), "503 PBSZ comes first\r\n");
  EXPECT_EQ(s.client("PBSZ 0\r\nPROT C\r\n").heard(), "200 PBSZ=0\r\n536 Only PROT P\r\n");
  EXPECT_EQ(s.client("RETR a\r\n").heard(), "521 Data connections need PROT P\r\n");
  EXPECT_EQ(s.client("PROT P\r\n").heard(), "200 PROT P\r\n");
  EXPECT_EQ(s.client("RETR a\r\n").heard(), "");
  EXPECT_EQ(s.asked(), "RETR a\r\n") << "and nothing of the others";
}

TEST(FtpInside, PlacesOfDataConnectionsAreOurs) {
  Session s;
  EXPECT_EQ(s.client("PASV\r\n").asked(), "PASV\r\n");
  s.server("227 Entering Passive Mode (10,0,0,9,195,80).\r\n");
  ASSERT_TRUE(s.passive);
  EXPECT_EQ(s.passive->server_port, 50000);
  EXPECT_FALSE(s.passive->extended);
  EXPECT_EQ(s.heard(), "");
  EXPECT_EQ(s.inside.opened("192.0.2.1", 40001).to_client,
            "227 Entering Passive Mode (192,0,2,1,156,65)\r\n");

  EXPECT_EQ(s.client("EPSV 2\r\n").asked(), "EPSV\r\n");
  s.server("229 Entering Extended Passive Mode (|||6446|)\r\n");
  EXPECT_TRUE(s.passive->extended);
  EXPECT_EQ(s.passive->server_port, 6446);
  EXPECT_EQ(s.inside.opened("::1", 40001).to_client, "229 Entering Extended Passive Mode (|||40001|)\r\n");

  for (const std::string_view nonsense :
       {"227 none\r\n", "227 (1,2,3,4,5)\r\n", "227 (1,2,3,4,999,1)\r\n", "227 (0,0,0,0,0,0)\r\n"})
    EXPECT_EQ(s.client("PASV\r\n").server(nonsense).heard(), "425 No data connection can be opened\r\n")
        << nonsense;
  for (const std::string_view nonsense :
       {"229 none", "229 (|||)", "229 (|||99999|)", "229 (|1|2|3|)", "229 ("})
    EXPECT_EQ(s.client("EPSV\r\n").server(std::string(nonsense) + "\r\n").heard(),
              "425 No data connection can be opened\r\n")
        << nonsense;
  EXPECT_EQ(s.client("PASV\r\n").server("500 what\r\n").heard(), "500 what\r\n");
  EXPECT_EQ(s.client("NOOP\r\n").server("227 (1,2,3,4,5,6)\r\n").heard(), "227 (1,2,3,4,5,6)\r\n")
      << "nobody asked";
}

TEST(FtpInside, AnswersKeepTheirOrder) {
  Session s;
  s.client("USER x\r\nPBSZ 0\r\nPASS y\r\n");
  EXPECT_EQ(s.asked(), "USER x\r\n");
  EXPECT_EQ(s.heard(), "");
  EXPECT_EQ(s.server("331-more\r\n than one\r\n331 line\r\n").heard(),
            "331-more\r\n than one\r\n331 line\r\n200 PBSZ=0\r\n");
  EXPECT_EQ(s.asked(), "PASS y\r\n");
  EXPECT_EQ(s.server("150 wait\r\n").client("PROT P\r\n").heard(), "150 wait\r\n")
      << "the last reply is still to come";
  EXPECT_EQ(s.server("226 done\r\n").heard(), "226 done\r\n200 PROT P\r\n");
}

TEST(FtpInside, NoActiveTransfersAndNoEndOfTls) {
  Session s;
  for (const std::string_view command :
       {"PORT 127,0,0,1,4,0", "EPRT |1|127.0.0.1|1024|", "LPRT x", "CCC", "AUTH TLS", "REIN", "port 1"}) {
    const std::string heard = s.client(std::string(command) + "\r\n").heard();
    EXPECT_TRUE(heard.starts_with("50") || heard.starts_with("53")) << command << heard;
  }
  EXPECT_EQ(s.asked(), "");
  EXPECT_EQ(s.client("\xff\xf4\xff\xf2"
                     "ABOR\r\n")
                .asked(),
            "ABOR\r\n");
}

TEST(FtpInside, FeaturesAreOurs) {
  Session s;
  EXPECT_EQ(s.client("FEAT\r\n")
                .server("211-Features:\r\n EPRT\r\n AUTH SSL\r\n MLST a;b\r\n UTF8\r\n211 End\r\n")
                .heard(),
            "211-Features:\r\n MLST a;b\r\n UTF8\r\n AUTH TLS\r\n PBSZ\r\n PROT\r\n211 End\r\n");
  for (const std::string_view none : {"500 what\r\n", "211 none\r\n"})
    EXPECT_EQ(s.client("FEAT\r\n").server(none).heard(),
              "211-Features:\r\n AUTH TLS\r\n PBSZ\r\n PROT\r\n211 End\r\n");
}

TEST(FtpInside, HasLimits) {
  Session s;
  EXPECT_EQ(s.client(std::string(9000, 'x')).error, "proto.talks_too_much");
  Session t;
  EXPECT_EQ(t.server(std::string(9000, 'x')).error, "proto.talks_too_much");
  Session u;
  EXPECT_EQ(u.server("hello\r\n").error, "proto.other_speech");
  Session v;
  std::string many;
  for (int i = 0; i < 100; ++i) many += "NOOP\r\n";
  EXPECT_EQ(v.client(many).asked().size(), 64U * 6) << "who asks without listening waits";
  v.server("200 ok\r\n");
  EXPECT_EQ(v.asked(), "NOOP\r\n");
}

}  // namespace
}  // namespace sally::ftp
