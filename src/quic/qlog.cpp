#include "quic/qlog.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/time.h"
#include "crypto/digest.h"
#include "os/fd.h"

namespace sally::quic {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPiece = 4096;  ///< bytes that are handed over at once
constexpr std::string_view kSuffix = ".sqlog";
constexpr Duration kCountAgain = 1s;    ///< a full folder is not looked through more often
constexpr Duration kTellAgain = 10min;  ///< of what goes on to be wrong

std::size_t files_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::size_t count = 0;
  for (auto it = std::filesystem::directory_iterator(folder, error); !error && it != end(it);
       it.increment(error))
    if (it->path().extension() == kSuffix) ++count;
  return count;
}

}  // namespace

struct QlogWriter::Place {
  explicit Place(QlogConfig c, std::function<void(std::string)> f)
      : config(std::move(c)), complain(std::move(f)) {}

  const QlogConfig config;
  const std::function<void(std::string)> complain;
  std::atomic<std::uint64_t> seen = 0;  ///< connections, recorded or not
  std::atomic<std::uint32_t> open = 0;  ///< that are recorded

  // Of the writer's thread:
  bool counted = false;
  std::size_t files = 0;
  TimePoint counted_at{}, tell_at{};

  void fault(const std::string& why) {
    const TimePoint now = Clock::now();
    if (now < tell_at) return;
    tell_at = now + kTellAgain;
    if (complain) complain("quic.qlog: " + why);
  }
  /// False: the folder has as many as it may have.
  bool has_room() {
    const TimePoint now = Clock::now();
    if (!counted || (files >= config.files && now - counted_at > kCountAgain)) {
      files = files_in(config.folder);
      counted_at = now;
      counted = true;
    }
    return files < config.files;
  }
};

struct QlogFile::Target {
  Target(std::shared_ptr<QlogWriter::Place> in, std::string named)
      : place(std::move(in)), name(std::move(named)) {}
  ~Target() { place->open.fetch_sub(1); }

  const std::shared_ptr<QlogWriter::Place> place;
  const std::string name;
  // Of the writer's thread:
  Fd fd;
  off_t size = 0;
  bool begun = false, given_up = false;

  void begin();
  void append(std::string_view records);
};

void QlogFile::Target::begin() {
  begun = given_up = true;
  const std::string folder = place->config.folder.string();
  if (!place->has_room())
    return place->fault("there are " + std::to_string(place->files) + " files in " + folder +
                        "; no more are made until some are taken away or quic.qlog.files is raised");
  const std::string path = folder + "/" + name;
  // A client chooses the name: two may choose the same, and then the first has it.
  fd = Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return errno == EEXIST ? void() : place->fault(path + ": " + std::strerror(errno));
  ++place->files;
  given_up = false;
}

void QlogFile::Target::append(std::string_view records) {
  const off_t whole = size;
  while (!records.empty()) {
    const ssize_t n = ::write(fd.get(), records.data(), records.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      place->fault(place->config.folder.string() + "/" + name + ": " + std::strerror(errno) +
                   "; connections are served without a record");
      given_up = true;
      if (::ftruncate(fd.get(), whole) != 0) place->fault(name + ": " + std::strerror(errno));
      return;
    }
    size += n;
    records.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string without_tokens(std::string_view records) {
  static constexpr std::string_view kValue = "\"data\":\"";  // of tokens and of challenges, which are random
  std::string out(records);
  for (std::size_t at = out.find(kValue); at != std::string::npos; at = out.find(kValue, at)) {
    at += kValue.size();
    for (; at < out.size() && out[at] != '"'; ++at) out[at] = '0';
  }
  return out;
}

// --- of the connection's thread

QlogFile::QlogFile(QlogWriter& writer, std::shared_ptr<Target> target)
    : writer_(writer), target_(std::move(target)) {}

QlogFile::~QlogFile() { hand_over(true); }

void QlogFile::add(std::string_view records) {
  if (records.size() > target_->place->config.file_bytes - bytes_) cut_ = true;
  if (cut_) return;
  bytes_ += records.size();
  waiting_ += without_tokens(records);
  if (waiting_.size() >= kPiece) hand_over(false);
}

void QlogFile::discard() {
  waiting_.clear();
  cut_ = true;
}

void QlogFile::hand_over(bool last) {
  if (!writer_.take({target_, std::exchange(waiting_, {}), last})) cut_ = true;
}

std::unique_ptr<QlogFile> QlogWriter::begin(Bytes first_destination) {
  const std::shared_ptr<Place> place = place_.load();
  if (!place || place->seen.fetch_add(1) % place->config.every != 0) return nullptr;
  if (place->open.fetch_add(1) >= place->config.connections) {
    place->open.fetch_sub(1);
    return nullptr;
  }
  auto target = std::make_shared<QlogFile::Target>(place, crypto::hex(first_destination).append(kSuffix));
  return std::unique_ptr<QlogFile>(new QlogFile(*this, std::move(target)));
}

/// False: more waits already than the disk takes.
bool QlogWriter::take(Piece piece) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_bytes_ + piece.records.size() > kMostWaiting) return false;
    waiting_bytes_ += piece.records.size();
    waiting_.push_back(std::move(piece));
  }
  filled_.notify_one();
  return true;
}

// --- the writer

void QlogWriter::use(const QlogConfig& config, std::function<void(std::string)> complain) {
  const std::shared_ptr<Place> before = place_.load();
  if (before && before->config == config) return;
  if (config.folder.empty()) return place_.store(nullptr);
  place_.store(std::make_shared<Place>(config, std::move(complain)));
  if (!thread_.joinable()) thread_ = std::jthread(&QlogWriter::work, this);
}

QlogWriter::~QlogWriter() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  filled_.notify_one();
}

void QlogWriter::work() {
  for (;;) {
    std::vector<Piece> pieces;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      pieces.swap(waiting_);
      waiting_bytes_ = 0;
    }
    for (const Piece& piece : pieces) write(piece);
  }
}

void QlogWriter::write(const Piece& piece) {
  QlogFile::Target& to = *piece.target;
  if (!to.begun && !piece.records.empty()) to.begin();
  if (to.begun && !to.given_up) to.append(piece.records);
  if (piece.last || to.given_up) to.fd.reset();
}

}  // namespace sally::quic
