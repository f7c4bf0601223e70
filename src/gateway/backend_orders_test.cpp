#include "gateway/backend_orders.h"

#include <gtest/gtest.h>

namespace sally::gateway {
namespace {

TEST(BackendOrders, ListDrainAndEnable) {
  upstream::Board board;
  EXPECT_EQ(obey_backend_order(board, "list").text, "no backends");
  const auto a = board.find("example.com", "10.0.0.1:80"), b = board.find("example.com", "10.0.0.2:80");
  const auto tally = a->join();
  tally->requests.add(3);
  tally->ended.add(1);
  b->healthy = false;
  EXPECT_EQ(obey_backend_order(board, "list").text,
            "10.0.0.1:80  example.com  well  2 under way, 3 in all, 0 failed\n"
            "10.0.0.2:80  example.com  not well  0 under way, 0 in all, 0 failed");
  const Verdict drained = obey_backend_order(board, "drain 10.0.0.1:80");
  EXPECT_TRUE(drained.good && a->draining && !b->draining);
  EXPECT_EQ(drained.text, "10.0.0.1:80 gets no new requests");
  EXPECT_NE(obey_backend_order(board, "list").text.find("drained  2 under way"), std::string::npos);
  EXPECT_TRUE(obey_backend_order(board, "enable 10.0.0.1:80").good);
  EXPECT_FALSE(a->draining);
}

TEST(BackendOrders, WhatIsWrongIsSaid) {
  upstream::Board board;
  const auto a = board.find("example.com", "10.0.0.1:80");
  const Verdict unknown = obey_backend_order(board, "drain 10.0.0.9:80");
  EXPECT_FALSE(unknown.good);
  EXPECT_EQ(unknown.text, "no backend \"10.0.0.9:80\"; `sallyport backend list` names them");
  for (const std::string_view words : {"", "drain", "stop 10.0.0.1:80", "list all"})
    EXPECT_FALSE(obey_backend_order(board, words).good) << words;
}

}  // namespace
}  // namespace sally::gateway
