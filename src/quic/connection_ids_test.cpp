#include "quic/connection_ids.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sally::quic {
namespace {

Bytes bytes(const ConnectionId& id) { return std::as_bytes(std::span(id)); }

TEST(ConnectionIds, TellTheWorker) {
  const ConnectionIds ids;
  for (const std::uint16_t worker : {0, 1, 7, 255, 300})
    EXPECT_EQ(ids.worker_of(bytes(ids.make(worker))), worker);
}

TEST(ConnectionIds, NeverTwiceTheSame) {
  const ConnectionIds ids;
  EXPECT_NE(ids.make(1), ids.make(1));
}

TEST(ConnectionIds, OthersAreNotOurs) {
  const ConnectionIds ids, others;
  EXPECT_FALSE(ids.worker_of(bytes(others.make(1))));
  EXPECT_FALSE(ids.worker_of(as_bytes("short")));
  ConnectionId changed = ids.make(1);
  changed[15] ^= 1;
  EXPECT_FALSE(ids.worker_of(bytes(changed)));
}

TEST(ConnectionIds, ResetTokensBelongToOneId) {
  const ConnectionIds ids, others;
  const ConnectionId a = ids.make(1), b = ids.make(1);
  EXPECT_EQ(ids.reset_token(bytes(a)), ids.reset_token(bytes(a)));
  EXPECT_NE(ids.reset_token(bytes(a)), ids.reset_token(bytes(b)));
  EXPECT_NE(ids.reset_token(bytes(a)), others.reset_token(bytes(a)));
}

TEST(ConnectionIds, HashesWholeIdsOfEveryLengthWithASecret) {
  const ConnectionIds ids, others;
  const std::string text = "0123456789abcdefghij";
  std::set<std::size_t> hashes;
  for (std::size_t size = 0; size <= text.size(); ++size)
    hashes.insert(ids.hash(AnyConnectionId(as_bytes(text.substr(0, size)))));
  EXPECT_EQ(hashes.size(), text.size() + 1);
  const AnyConnectionId id(as_bytes(text)), last(as_bytes("0123456789abcdefghiJ"));
  EXPECT_NE(ids.hash(id), ids.hash(last));
  EXPECT_NE(ids.hash(id), others.hash(id));
  EXPECT_EQ(ids.hash(id), ids.hash(AnyConnectionId(as_bytes(text + " and more"))));
}

}  // namespace
}  // namespace sally::quic
