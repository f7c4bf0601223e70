#include "os/file_opener.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "os/descriptor_message.h"

namespace sally {
namespace {

constexpr int kPatienceMs = 2000;
constexpr int kChildChannel = 3;

/// What goes over the channel: the order is an index, the answer an errno, with a descriptor when it is 0.
using Order = std::uint32_t;
using Answer = std::int32_t;

bool answer(int channel, Answer error, int fd) {
  return send_with_descriptor(channel, &error, sizeof error, fd) >= 0;
}

/// The other process: nothing of this one but the channel, and no way to be stopped but its end.
void leave_everything(int channel) {
  for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2}) ::signal(s, SIG_IGN);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < kChildChannel; ++fd) ::dup2(nowhere, fd);
  ::dup2(channel, kChildChannel);
  ::close_range(kChildChannel + 1, ~0U, 0);
  ::prctl(PR_SET_NAME, "sallyport-files");
}

[[noreturn]] void serve_files(const std::vector<std::string>& paths, const Account& account, int channel) {
  leave_everything(channel);
  const bool ready = become_reader(account).has_value();
  // Of a process that can be dumped or traced by its user, the rights could be taken.
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!answer(kChildChannel, ready ? 0 : EPERM, -1) || !ready) ::_exit(1);
  for (;;) {
    Order order = 0;
    const ssize_t n = ::recv(kChildChannel, &order, sizeof order, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n != sizeof order) ::_exit(0);
    if (order >= paths.size()) {
      if (!answer(kChildChannel, EPERM, -1)) ::_exit(0);
      continue;
    }
    const int fd = ::open(paths[order].c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const bool told = answer(kChildChannel, fd >= 0 ? 0 : errno, fd);
    if (fd >= 0) ::close(fd);
    if (!told) ::_exit(0);
  }
}

struct Received {
  Answer error = 0;
  Fd fd;
};

Result<Received> receive(int channel) {
  pollfd one{channel, POLLIN, 0};
  if (::poll(&one, 1, kPatienceMs) != 1) return fail(kOpenerGone, "no answer");
  Received out;
  MessageTaken taken = receive_with_descriptor(channel, &out.error, sizeof out.error);
  if (taken.size != sizeof out.error) return fail(kOpenerGone, "it has ended");
  out.fd = std::move(taken.fd);
  return out;
}

}  // namespace

Result<FileOpener> FileOpener::start(std::vector<std::string> paths, const Account& account) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno(errno, "open", "a channel");
  Fd ours(ends[0]), theirs(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "start", "the process that opens certificate files");
  if (pid == 0) serve_files(paths, account, theirs.get());
  theirs.reset();
  FileOpener out(std::move(paths), std::move(ours), pid);
  TRY(const Received ready, receive(out.channel_.get()));
  if (ready.error != 0)
    return fail_errno(ready.error, "keep", "the right to read files (CAP_DAC_READ_SEARCH)");
  return out;
}

FileOpener::FileOpener(FileOpener&& o) noexcept
    : paths_(std::move(o.paths_)), channel_(std::move(o.channel_)), pid_(std::exchange(o.pid_, -1)) {}

FileOpener& FileOpener::operator=(FileOpener&& o) noexcept {
  if (this == &o) return *this;
  stop();
  paths_ = std::move(o.paths_);
  channel_ = std::move(o.channel_);
  pid_ = std::exchange(o.pid_, -1);
  return *this;
}

void FileOpener::stop() {
  channel_.reset();
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Result<Fd> FileOpener::open(const std::string& path) const {
  const auto at = std::ranges::find(paths_, path);
  if (at == paths_.end()) return fail_errno(EPERM, "open", path);
  const auto order = static_cast<Order>(at - paths_.begin());
  if (::send(channel_.get(), &order, sizeof order, MSG_NOSIGNAL) != sizeof order)
    return fail(kOpenerGone, "it has ended");
  TRY(Received got, receive(channel_.get()));
  if (got.error != 0) return fail_errno(got.error, "open", path);
  if (!got.fd) return fail(kOpenerGone, "it passed no descriptor");
  return std::move(got.fd);
}

}  // namespace sally
