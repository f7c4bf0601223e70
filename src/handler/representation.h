// handler/representation.h - one form of a file, as it is or compressed, with its fields made ready once.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "handler/files_config.h"
#include "http/exchange.h"
#include "os/fd.h"
#include "os/file.h"

namespace sally::handler {

/// What is said of a form in every answer about it.
struct Description {
  std::string type;              ///< media type
  std::optional<Coding> coding;  ///< nullopt: as it is
  bool varies = false;           ///< another client may get another form (RFC 9110 12.5.5)
  std::string etag;              ///< strong, with quotes
  std::int64_t modified = 0;     ///< seconds since 1970
  std::string cache_control;     ///< empty: not sent
};

/// Immutable and shared: an answer on its way keeps the form it began with, whatever happens to the file.
struct Representation {
  Description described;
  std::string last_modified;
  std::string bytes;               ///< content in memory, or
  std::shared_ptr<const Fd> file;  ///< a file to be read while it is sent
  std::uint64_t size = 0;          ///< octets of `bytes` or `file`
  bool made_while_sent = false;    ///< `file` is sent compressed, and how long that is shows when it is sent
  http::PreparedFields whole;      ///< fields of a 200

  bool in_memory() const { return file == nullptr; }
};

std::shared_ptr<const Representation> make_representation(Description described, std::string bytes);
/// `made_while_sent`: what is sent is `file` in `described.coding`.
std::shared_ptr<const Representation> make_representation(Description described,
                                                          std::shared_ptr<const Fd> file, std::uint64_t size,
                                                          bool made_while_sent);

/// A strong validator of content that is in memory: it is equal on every server that has the same content,
/// and differs even if a file was replaced by another of the same size and time (RFC 9110 8.8.1).
std::string etag_of_content(std::string_view bytes);
/// Of a file that is too large to be read for it: from inode, size and time to the nanosecond.
std::string etag_of_stamp(const FileStamp& stamp);
/// The validator of the same content in a coding: it must differ (RFC 9110 8.8.3.3).
std::string etag_in_coding(std::string_view etag, Coding coding);

}  // namespace sally::handler
