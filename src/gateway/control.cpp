#include "gateway/control.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace sally::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestOrder = 320;  // a word, and the name of a backend
constexpr std::size_t kMostCallers = 16;
constexpr std::size_t kLongestAnswer = 1 << 20;
constexpr int kPatienceMs = 120'000;

std::unexpected<Error> refuse(const fs::path& path, const char* call) {
  return fail(kControlUnusable, path.string() + ": " + call + ": " + std::strerror(errno));
}

/// A path that fits into an address of 108 bytes, whatever the folder is called.
sockaddr_un address_in(const Fd& folder, const std::string& name) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const std::string text = fmt::format("/proc/self/fd/{}/{}", folder.get(), name);
  std::memcpy(at.sun_path, text.data(), std::min(text.size(), sizeof at.sun_path - 1));
  return at;
}

/// FNV-1a: no secret, only a short name.
std::uint64_t short_name(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

bool connects(const sockaddr_un& at) {
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

/// The folder of the socket exists, is ours and nobody else's.
Result<Fd> control_folder(const fs::path& path, const Account* owner) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) return refuse(path, "mkdir");
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return refuse(path, "open");
  struct stat is {};
  if (::fstat(folder.get(), &is) < 0) return refuse(path, "stat");
  const uid_t wanted = owner ? owner->user : ::geteuid();
  if (is.st_uid != wanted && (!owner || ::fchown(folder.get(), owner->user, owner->group) < 0))
    return fail(kControlUnusable, path.string() + ": belongs to another account");
  if (::fchmod(folder.get(), 0700) < 0) return refuse(path, "chmod");
  return folder;
}

}  // namespace

fs::path control_path(const fs::path& state, const fs::path& what) {
  fs::path served = fs::absolute(what).lexically_normal();
  if (!served.has_filename()) served = served.parent_path();  // "site/" is "site"
  return state / "control" / fmt::format("{:016x}", short_name(served.native()));
}

/// Someone who has connected, from the order to the answer.
class Control::Caller final : private Pollable, private Timer, public std::enable_shared_from_this<Caller> {
 public:
  Caller(Control& control, Fd socket)
      : control_(&control), loop_(control.loop_), socket_(std::move(socket)) {}
  ~Caller() { unwatch(); }

  void start() {
    watched_ = loop_.watch_level(socket_.get(), *this).has_value();
    loop_.arm(*this, loop_.now() + std::chrono::seconds(10));
    if (!watched_) leave();
  }
  void forget_control() { control_ = nullptr; }

 private:
  void on_events(std::uint32_t) override {
    char piece[kLongestOrder];
    const ssize_t n = ::recv(socket_.get(), piece, sizeof piece, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0) order_.append(piece, static_cast<std::size_t>(n));
    const std::size_t end = order_.find('\n');
    if (n <= 0 || order_.size() > kLongestOrder) return leave();
    if (end == std::string::npos) return;
    unwatch();
    loop_.disarm(*this);
    order_.resize(end);
    control_->order_(order_, [self = shared_from_this()](const Verdict& verdict) { self->answer(verdict); });
  }
  void on_timer() override { leave(); }

  void answer(const Verdict& verdict) {
    const std::string text = (verdict.good ? "good\n" : "refused\n") + verdict.text;
    const timeval patience{5, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ::fcntl(socket_.get(), F_SETFL, 0);
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t n = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (n <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    leave();
  }

  void leave() {
    unwatch();
    socket_.reset();
    if (control_ == nullptr) return;
    Control& control = *control_;
    loop_.post([&control, self = shared_from_this()] { std::erase(control.callers_, self); });
  }
  void unwatch() {
    if (watched_) loop_.unwatch(socket_.get(), *this);
    watched_ = false;
  }

  Control* control_;
  Loop& loop_;
  Fd socket_;
  std::string order_;
  bool watched_ = false;
};

Result<std::unique_ptr<Control>> Control::make(Loop& loop, fs::path path, const Account* owner, bool replace,
                                               Order order) {
  std::unique_ptr<Control> made(new Control(loop, std::move(path), std::move(order)));
  TRY_VOID(made->open(owner, replace));
  TRY_VOID(loop.watch_level(made->socket_.get(), *made));
  return made;
}

Result<> Control::open(const Account* owner, bool replace) {
  TRY(folder_, control_folder(path_.parent_path(), owner));
  const std::string name = path_.filename().string(), fresh = name + fmt::format(".{}", ::getpid());
  if (!replace && connects(address_in(folder_, name)))
    return fail(kControlUnusable, path_.string() + ": another gateway answers there");
  socket_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_) return refuse(path_, "socket");
  const sockaddr_un at = address_in(folder_, fresh);
  ::unlinkat(folder_.get(), fresh.c_str(), 0);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) < 0)
    return refuse(path_, "bind");
  if (::fchmodat(folder_.get(), fresh.c_str(), 0600, 0) < 0 || ::listen(socket_.get(), 16) < 0)
    return refuse(path_, "listen");
  if (owner && ::fchownat(folder_.get(), fresh.c_str(), owner->user, owner->group, AT_SYMLINK_NOFOLLOW) < 0)
    return refuse(path_, "chown");
  struct stat is {};
  if (::fstatat(folder_.get(), fresh.c_str(), &is, AT_SYMLINK_NOFOLLOW) < 0) return refuse(path_, "stat");
  inode_ = is.st_ino;
  if (::renameat(folder_.get(), fresh.c_str(), folder_.get(), name.c_str()) < 0)
    return refuse(path_, "rename");
  return {};
}

Control::~Control() {
  for (const auto& caller : callers_) caller->forget_control();
  if (!socket_) return;
  loop_.unwatch(socket_.get(), *this);
  struct stat is {};
  const std::string name = path_.filename().string();
  if (::fstatat(folder_.get(), name.c_str(), &is, AT_SYMLINK_NOFOLLOW) == 0 && is.st_ino == inode_)
    ::unlinkat(folder_.get(), name.c_str(), 0);
}

void Control::on_events(std::uint32_t) {
  Fd caller(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!caller || callers_.size() >= kMostCallers) return;
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(caller.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) < 0) return;
  if (who.uid != 0 && who.uid != ::geteuid()) return;
  callers_.push_back(std::make_shared<Caller>(*this, std::move(caller)));
  callers_.back()->start();
}

Result<Verdict> give_order(const fs::path& path, std::string_view word) {
  const Fd folder(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un at = address_in(folder, path.filename().string());
  if (!folder || !socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) < 0)
    return fail(kNotRunning, path.string() + ": " + std::strerror(errno));
  const std::string line = std::string(word) + "\n";
  if (::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) return refuse(path, "send");
  std::string answer;
  for (;;) {
    pollfd one{socket.get(), POLLIN, 0};
    if (::poll(&one, 1, kPatienceMs) != 1)
      return fail(kControlUnusable, path.string() + ": no answer in time");
    char piece[4096];
    const ssize_t n = ::recv(socket.get(), piece, sizeof piece, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || answer.size() > kLongestAnswer) break;
    answer.append(piece, static_cast<std::size_t>(n));
  }
  const std::size_t end = answer.find('\n');
  if (end == std::string::npos) return fail(kControlUnusable, path.string() + ": it ended without an answer");
  return Verdict{answer.substr(0, end) == "good", answer.substr(end + 1)};
}

}  // namespace sally::gateway
