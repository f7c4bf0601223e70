#include "proto/http2/priority.h"

#include <gtest/gtest.h>

#include "proto/http2/test_client.h"

namespace sally::http2 {
namespace {

TEST(Priority, TakesWhatItKnowsAndLeavesTheRest) {
  struct Case {
    std::string_view text;
    unsigned urgency;
    bool incremental;
  };
  const Case cases[] = {
      {"", 3, false},     {"u=0", 0, false},      {"i", 3, true},          {"u=5, i", 5, true},
      {"u=8", 3, false},  {"u=-1", 3, false},     {"i=?0", 3, false},      {"i=?1,u=7", 7, true},
      {"u=12", 3, false}, {"x=1, u=2", 2, false}, {"u=1;a=b, i", 1, true}, {",,,", 3, false},
  };
  for (const Case& c : cases) {
    Priority p;
    apply_priority(c.text, p);
    EXPECT_EQ(p.urgency, c.urgency) << c.text;
    EXPECT_EQ(p.incremental, c.incremental) << c.text;
  }
}

constexpr std::size_t kSize = 40'000;
void large(http::Exchange& x) {
  if (const auto p = x.request.fields.first("x-answer-priority")) x.response.fields.add("priority", *p);
  x.respond_text(200, "text/plain", std::string(kSize, 'a'));
}

/// Streams in the order in which their last DATA frame came, from one read with all requests.
std::vector<std::uint32_t> order(const std::vector<Headers>& requests, std::string_view extra = {}) {
  TestConnection c(large);
  c.hello();
  std::string all;
  std::uint32_t id = 1;
  for (const Headers& h : requests) all += c.packer().headers(std::exchange(id, id + 2), h);
  c.feed(all + std::string(extra));
  c.feed(frame(NGHTTP2_WINDOW_UPDATE, 0, 0, octets_of(1'000'000, 4)));
  std::vector<std::uint32_t> last;
  for (auto it = c.got.data_order.rbegin(); it != c.got.data_order.rend(); ++it)
    if (std::ranges::find(last, *it) == last.end()) last.push_back(*it);
  std::ranges::reverse(last);
  return last;
}

using Order = std::vector<std::uint32_t>;

TEST(Priority, UrgentFirst) {
  EXPECT_EQ(order({get("/", {{"priority", "u=5"}}), get("/", {{"priority", "u=1"}}), get()}),
            Order({3, 5, 1}));
}
TEST(Priority, EqualsInTheOrderOfTheirComing) { EXPECT_EQ(order({get(), get(), get()}), Order({1, 3, 5})); }
TEST(Priority, TheAnswerOutweighsTheRequest) {
  EXPECT_EQ(order({get(), get("/", {{"priority", "u=6"}, {"x-answer-priority", "u=0"}})}), Order({3, 1}));
}
TEST(Priority, IsUpdatedByAFrame) {
  const std::string update = frame(NGHTTP2_PRIORITY_UPDATE, 0, 0, octets_of(5, 4) + "u=0");
  EXPECT_EQ(order({get(), get(), get()}, update), Order({5, 1, 3}));
}

TEST(Priority, IncrementalOnesTakeTurns) {
  TestConnection c(large);
  c.hello();
  std::string all_requests = c.packer().headers(1, get("/", {{"priority", "i"}}));
  all_requests += c.packer().headers(3, get("/", {{"priority", "i"}}));
  c.feed(all_requests);
  const auto& all = c.got.data_order;
  ASSERT_GE(all.size(), 4u);
  EXPECT_NE(all[0], all[1]);
  EXPECT_NE(all[1], all[2]);
}

}  // namespace
}  // namespace sally::http2
