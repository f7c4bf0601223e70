// tests/fuzz/replay.cpp - main() for a fuzz target without libFuzzer: runs it over inputs that were kept.
//
//   proto_head_fuzz tests/fuzz/proto_head_fuzz [more files or folders]
//
// Also runs every prefix of each input up to 4 KiB, because a parser must survive every cut.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

constexpr std::size_t kCutLimit = 4096;

void replay(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> all{std::istreambuf_iterator<char>(file), {}};
  // A copy of exactly the size, so that AddressSanitizer sees a read past the end.
  const auto run = [&](std::size_t size) {
    const std::vector<std::uint8_t> input(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size));
    LLVMFuzzerTestOneInput(input.data(), input.size());
  };
  run(all.size());
  for (std::size_t cut = 0; cut < all.size() && cut < kCutLimit; ++cut) run(cut);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path path(argv[i]);
    if (!std::filesystem::is_directory(path)) {
      if (std::filesystem::exists(path)) replay(path), ++files;
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
      if (entry.is_regular_file()) replay(entry.path()), ++files;
  }
  std::printf("%zu kept inputs replayed\n", files);
}
