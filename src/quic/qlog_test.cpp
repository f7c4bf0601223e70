#include "quic/qlog.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "crypto/digest.h"
#include "quic/test_pair.h"

namespace sally::quic {
namespace {

namespace fs = std::filesystem;

class Qlog : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = testing::TempDir() + "qlogXXXXXX";
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    config.folder = path;
  }
  void TearDown() override {
    writer.reset();
    fs::remove_all(config.folder);
  }

  void use() {
    writer.emplace();
    writer->use(config, [this](std::string text) { complaints.push_back(std::move(text)); });
  }
  /// Ends the writer: after it everything is on the disk.
  std::vector<fs::path> files() {
    writer.reset();
    std::vector<fs::path> out;
    for (const auto& one : fs::directory_iterator(config.folder)) out.push_back(one.path());
    return out;
  }
  static std::string text_of(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }

  QlogConfig config;
  std::vector<std::string> complaints;
  std::optional<QlogWriter> writer;  ///< its thread complains until it is gone
};

TEST_F(Qlog, NamesFilesAfterTheConnectionAndLetsNobodyElseRead) {
  use();
  writer->begin(as_bytes("\x01\xab"))->add("\x1e{}\n");
  const auto made = files();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].filename(), "01ab.sqlog");
  EXPECT_EQ(text_of(made[0]), "\x1e{}\n");
  struct stat facts;
  ASSERT_EQ(::stat(made[0].c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(Qlog, BlotsTokensOut) {
  EXPECT_EQ(
      without_tokens(
          R"({"data":{"frames":[{"stateless_reset_token":{"data":"1f2e"}},{"token":{"data":"77"},"length":5}]}})"),
      R"({"data":{"frames":[{"stateless_reset_token":{"data":"0000"}},{"token":{"data":"00"},"length":5}]}})");
  EXPECT_EQ(without_tokens(R"({"data":"1)"), R"({"data":"0)");
}

TEST_F(Qlog, CutsAFileAtARecord) {
  config.file_bytes = 10;
  use();
  {
    const auto file = writer->begin(as_bytes("a"));
    file->add("1234\n");
    file->add("12345\n");
    file->add("1\n");  // would fit, but something is missing before it
  }
  EXPECT_EQ(text_of(files().at(0)), "1234\n");
}

TEST_F(Qlog, WhatIsDiscardedLeavesItsNameFree) {
  use();
  {
    const auto file = writer->begin(as_bytes("a"));
    file->add("1\n");
    file->discard();
  }
  writer->begin(as_bytes("a"))->add("2\n");
  EXPECT_EQ(text_of(files().at(0)), "2\n");
}

TEST_F(Qlog, RecordsEachSoManyth) {
  config.every = 3;
  use();
  std::string recorded;
  for (int i = 0; i < 7; ++i)
    recorded += writer->begin(as_bytes(std::string(1, static_cast<char>(i)))) ? 'x' : '.';
  EXPECT_EQ(recorded, "x..x..x");
}

TEST_F(Qlog, RecordsOnlySoManyAtOnce) {
  config.connections = 2;
  use();
  auto first = writer->begin(as_bytes("a")), second = writer->begin(as_bytes("b"));
  EXPECT_TRUE(first && second);
  EXPECT_EQ(writer->begin(as_bytes("c")), nullptr);
}

TEST_F(Qlog, LeavesAFullFolderAlone) {
  config.files = 2;
  std::ofstream(config.folder / "before.sqlog") << "x";
  std::ofstream(config.folder / "other.txt") << "x";
  use();
  for (const char* id : {"a", "b", "c"}) writer->begin(as_bytes(id))->add("{}\n");
  EXPECT_EQ(files().size(), 3u);
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_NE(complaints[0].find("there are 2 files in"), std::string::npos) << complaints[0];
}

TEST_F(Qlog, TellsOnceOfAFolderThatTakesNothing) {
  use();
  fs::remove_all(config.folder);
  for (const char* id : {"a", "b"}) writer->begin(as_bytes(id))->add("{}\n");
  writer.reset();
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_NE(complaints[0].find("61.sqlog: No such file"), std::string::npos) << complaints[0];
}

TEST_F(Qlog, FollowsNoLinkAndOverwritesNothing) {
  const fs::path target = config.folder / "target";
  std::ofstream(target) << "theirs";
  fs::create_symlink(target, config.folder / "61.sqlog");
  use();
  writer->begin(as_bytes("a"))->add("{}\n");
  writer.reset();
  EXPECT_EQ(text_of(target), "theirs");
}

TEST_F(Qlog, IsSwitchedOffAndOn) {
  use();
  auto before = writer->begin(as_bytes("a"));
  const QlogConfig on = std::exchange(config, {});
  writer->use(config, nullptr);
  EXPECT_EQ(writer->begin(as_bytes("b")), nullptr);
  before->add("{}\n");  // goes on to its end
  before.reset();
  config = on;
  writer->use(config, nullptr);
  writer->begin(as_bytes("c"))->add("{}\n");
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(Qlog, TellsTheStoryOfBothEnds) {
  use();
  TestPair::Ignored client, server;
  struct Events final : ConnectionEvents {
    std::shared_ptr<const tls::ServerIdentity> identity = test_identity();
    Result<std::shared_ptr<const tls::ServerIdentity>> on_hello(const tls::HelloPeek&) override {
      return identity;
    }
    Fault on_handshake() override { return std::nullopt; }
    Fault on_stream_data(std::int64_t, Bytes, bool) override { return std::nullopt; }
    Fault on_acknowledged(std::int64_t, std::uint64_t) override { return std::nullopt; }
    Fault on_reset(std::int64_t, std::uint64_t) override { return std::nullopt; }
    Fault on_closed(std::int64_t, std::uint64_t) override { return std::nullopt; }
    Fault on_room(std::int64_t) override { return std::nullopt; }
    void on_id(const ConnectionId&) override {}
    void on_id_gone(Bytes) override {}
  } events;
  const ConnectionIds ids;
  const QuicConfig quic;
  Connection::Parts parts{events, server, ids, quic, 0, 10s, 16384};
  parts.qlog = &*writer;
  {
    TestPair pair(client, client, parts);
    pair.run();
    EXPECT_TRUE(pair.server->handshake_done());
  }
  const auto made = files();
  ASSERT_EQ(made.size(), 1u);
  const std::string text = text_of(made[0]);
  std::size_t records = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line); ++records) {
    EXPECT_EQ(line.front(), '\x1e');
    EXPECT_EQ(line.back(), '}');
  }
  EXPECT_GT(records, 10u);
  for (const std::string_view wanted :
       {"\"type\":\"server\"", "transport:packet_received", "\"frame_type\":\"crypto\"", "handshake_done"})
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted;
  EXPECT_NE(text.find("\"group_id\":\"" + made[0].stem().string()), std::string::npos);
  EXPECT_NE(text.find("\"stateless_reset_token\":{\"data\":\"00000000000000000000000000000000\"}"),
            std::string::npos);
}

}  // namespace
}  // namespace sally::quic
