#include "gateway/generation.h"

#include <gtest/gtest.h>

namespace sally::gateway {
namespace {

SiteConfig site(std::string name, std::string text) {
  SiteConfig config;
  config.names = {std::move(name)};
  config.listen = {{"127.0.0.1", 8443}};
  config.respond = RespondConfig{std::move(text)};
  return config;
}

Settings settings(std::vector<SiteConfig> sites) {
  Settings out;
  out.sites = std::move(sites);
  return out;
}

TEST(Generation, UnchangedSitesAreTheVeryObjectsOfBefore) {
  const auto first = next_generation(settings({site("a", "1"), site("b", "1"), site("c", "1")}), nullptr);
  const auto second =
      next_generation(settings({site("c", "1"), site("a", "2"), site("d", "1")}), first.get());
  EXPECT_EQ(first->number, 1u);
  EXPECT_EQ(second->number, 2u);
  EXPECT_EQ(second->sites[0], first->sites[2]);
  EXPECT_NE(second->sites[1], first->sites[0]);
  EXPECT_EQ(second->defaults, first->defaults);
  const SiteChanges changes = site_changes(*first, *second);
  EXPECT_EQ(changes.added, std::vector<std::string>{"d"});
  EXPECT_EQ(changes.changed, std::vector<std::string>{"a"});
  EXPECT_EQ(changes.removed, std::vector<std::string>{"b"});
  EXPECT_EQ(changes.unchanged, 1u);
}

TEST(Generation, EqualSitesAreNotMergedIntoOne) {
  const auto first = next_generation(settings({site("a", "1")}), nullptr);
  const auto second = next_generation(settings({site("a", "1"), site("a", "1")}), first.get());
  EXPECT_EQ(second->sites[0], first->sites[0]);
  EXPECT_NE(second->sites[1], second->sites[0]);
}

TEST(Generation, ChangedDefaultsAreNewOnes) {
  const auto first = next_generation(settings({site("a", "1")}), nullptr);
  Settings next = settings({site("a", "1")});
  next.limits.header_count = 7;
  EXPECT_NE(next_generation(std::move(next), first.get())->defaults, first->defaults);
}

TEST(Generation, IsFreedWhenNothingUsesIt) {
  const auto before = Generation::alive();
  auto first = next_generation(settings({site("a", "1")}), nullptr);
  auto second = next_generation(settings({site("a", "1")}), first.get());
  EXPECT_EQ(Generation::alive(), before + 2);
  first.reset();
  EXPECT_EQ(Generation::alive(), before + 1) << "a site that lives on does not keep its first generation";
  EXPECT_EQ(second->sites[0]->respond->body, "1");
}

TEST(KeepUntilRestart, NamesAndKeepsWhatOnlyANewProcessCanChange) {
  Settings now = settings({site("a", "1")}), next = settings({site("a", "1")});
  now.workers = 2;
  next.workers = 3;
  next.log.access = "/other";
  next.log.format = LogFormat::common;
  next.limits.h2.stream_window *= 2;
  next.sites[0].limits.h2.stream_window *= 2;
  EXPECT_EQ(keep_until_restart(next, now),
            (std::vector<std::string>{"workers", "log.access", "limits.h2.stream_window"}));
  EXPECT_EQ(next.workers, 2u);
  EXPECT_EQ(next.log.format, LogFormat::common);
  EXPECT_TRUE(next.sites[0] == now.sites[0]);
  next.workers = 0;
  EXPECT_TRUE(keep_until_restart(next, now).empty()) << "0 is settled once";
}

}  // namespace
}  // namespace sally::gateway
