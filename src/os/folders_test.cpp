#include "os/folders.h"

#include <gtest/gtest.h>

namespace sally {
namespace {

TEST(Folders, FollowsTheOrder) {
  EXPECT_EQ(*data_folder({"/var/lib/s:/var/lib/t", "/x", "/h", true}), "/var/lib/s");
  EXPECT_EQ(*data_folder({nullptr, "/x", "/h", false}), "/x/sallyport");
  EXPECT_EQ(*data_folder({nullptr, "relative", "/h", false}), "/h/.local/share/sallyport");
  EXPECT_EQ(*data_folder({nullptr, nullptr, "", true}), "/var/lib/sallyport");
  EXPECT_EQ(data_folder({nullptr, nullptr, nullptr, false}).error().kind().id, "os.no_home");
}

}  // namespace
}  // namespace sally
