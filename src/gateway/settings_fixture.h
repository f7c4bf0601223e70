// gateway/settings_fixture.h - for tests: a folder with files, and settings loaded from a text in it.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "gateway/settings.h"

namespace sally::gateway {

/// A folder of its own for each test: sallyport.toml goes there, beside www/, pem files and logs/.
class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "sally_settings_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(folder_ / "www");
    std::filesystem::create_directories(folder_ / "logs");
    for (const char* file : {"a.pem", "a.key", "b.pem", "b.key", "www/index.html"})
      std::ofstream(folder_ / file) << "x";
  }
  ~SettingsTest() override { std::filesystem::remove_all(folder_); }

  Result<Settings> load(std::string_view text, const ServeFlags& flags = {}) {
    std::ofstream(folder_ / "sallyport.toml") << text;
    return Settings::load(folder_ / "sallyport.toml", flags);
  }
  /// All faults, one a line, without the name of this test's folder.
  std::string faults(std::string_view text, const ServeFlags& flags = {}) {
    return faults(load(text, flags));
  }
  std::string faults(const Result<Settings>& settings) {
    if (settings) return "";
    std::string out(settings.error().detail());
    for (std::size_t at; (at = out.find(folder_.string() + "/")) != out.npos;)
      out.erase(at, folder_.string().size() + 1);
    return out;
  }

  std::filesystem::path folder_;
};

inline std::string texts(const std::vector<ListenAddress>& addresses) {
  std::string out;
  for (const ListenAddress& address : addresses) out += (out.empty() ? "" : " ") + address.text();
  return out;
}

inline std::string ports(const Settings& settings) {
  std::string out;
  for (const PortConfig& port : settings.ports)
    out += (out.empty() ? "" : " ") +
           std::string(port.protocol == PortProtocol::https  ? "https:"
                       : port.protocol == PortProtocol::http ? "http:"
                                                             : "relayed:") +
           port.address.text();
  return out;
}

}  // namespace sally::gateway
