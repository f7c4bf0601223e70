// gateway/path_fault.h - what is wrong with a file or folder that a configuration names, in words.
#pragma once
#include <filesystem>
#include <string>

namespace sally::gateway {

/// What stops this account from reading a file, with the nearest name beside it where there is none; or "".
std::string file_fault(const std::filesystem::path& path);

/// What stops this account from reading a folder, or "".
std::string folder_fault(const std::filesystem::path& path);

}  // namespace sally::gateway
