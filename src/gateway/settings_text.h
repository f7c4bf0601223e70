// gateway/settings_text.h - sallyport.toml as it is written, before its parts are held against each other.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/block.h"
#include "gateway/settings.h"

namespace sally::gateway {

struct SiteText : SiteConfig {
  std::string key;  ///< what stands in [site."..."]
  std::vector<std::string> listen_text;
  std::vector<std::filesystem::path> certificate_files, key_files;

  static const config::Block<SiteText>& block();
};

struct PortText : PortConfig, RelayConfig {
  std::string key;  ///< what stands in [port."..."]

  static const config::Block<PortText>& block();
};

/// Each value lies in its range; whether files exist, names are unique and so on is not known yet.
struct SettingsText : Settings {
  std::optional<std::uint16_t> http_port;
  std::vector<SiteText> site_texts;
  std::vector<PortText> port_texts;

  static const config::Block<SettingsText>& block();
};

}  // namespace sally::gateway
