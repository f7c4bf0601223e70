// quic/qlog.h - writes what happens in connections into files, from a thread of its own: a slow or full disk
// never holds up a connection.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "quic/qlog_config.h"

namespace sally::quic {

class QlogWriter;

/// The record of one connection. Belongs to the connection's thread; handed to the writer in pieces and at
/// its end.
class QlogFile {
 public:
  ~QlogFile();
  QlogFile(const QlogFile&) = delete;
  QlogFile& operator=(const QlogFile&) = delete;
  /// Whole records of JSON-SEQ (RFC 7464), as ngtcp2 writes them. What could be used against the connection,
  /// reset tokens and tokens for addresses, is blotted out. What is beyond the file's limit, or comes faster
  /// than the disk takes it, is left out with all that follows: a file is always whole up to its end.
  void add(std::string_view records);
  /// Of a connection that never was: another may come by its name.
  void discard();

 private:
  friend class QlogWriter;
  struct Target;  ///< the file, as the writer's thread knows it
  QlogFile(QlogWriter& writer, std::shared_ptr<Target> target);
  void hand_over(bool last);

  QlogWriter& writer_;
  const std::shared_ptr<Target> target_;
  std::string waiting_;
  std::size_t bytes_ = 0;
  bool cut_ = false;
};

/// One for the process; outlives its files. begin() may be called on any thread.
class QlogWriter {
 public:
  static constexpr std::size_t kMostWaiting = 8 * 1024 * 1024;  ///< bytes, of all files

  QlogWriter() = default;
  QlogWriter(const QlogWriter&) = delete;
  QlogWriter& operator=(const QlogWriter&) = delete;
  /// Writes what waits.
  ~QlogWriter();

  /// From now on, for connections that begin. An empty folder: none of them is recorded. `complain` hears, on
  /// the writer's thread, of a disk that takes nothing and of a folder that is full; once, until it was
  /// better.
  void use(const QlogConfig& config, std::function<void(std::string)> complain);
  /// first_destination  the id that the client chose first, which names the file: "8394c8f03e515708.sqlog".
  /// Null: this one is not recorded.
  std::unique_ptr<QlogFile> begin(Bytes first_destination);

 private:
  friend class QlogFile;
  struct Place;  ///< a folder and its limits
  struct Piece {
    std::shared_ptr<QlogFile::Target> target;
    std::string records;
    bool last;
  };
  bool take(Piece piece);
  void work();
  void write(const Piece& piece);

  std::atomic<std::shared_ptr<Place>> place_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<Piece> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool closing_ = false;
  std::jthread thread_;
};

/// `records` with the values of reset tokens and of tokens for addresses blotted out, same size.
std::string without_tokens(std::string_view records);

}  // namespace sally::quic
