#include "handler/path_text.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

TEST(AppendPath, EncodesAllButUnreservedAndSlash) {
  std::string path;
  append_path(path, "a b/\xC3\xA9?#%:-._~");
  EXPECT_EQ(path, "a%20b/%C3%A9%3F%23%25%3A-._~");
}

}  // namespace
}  // namespace sally::handler
