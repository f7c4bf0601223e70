#include "os/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/time.h"
#include "os/fd.h"

extern char** environ;

namespace sally {
namespace {

/// The settings of one posix_spawn; the calls below fail only for lack of memory.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    // Our signal mask and ignored SIGPIPE are ours; the program starts as from a shell, and in a group of its
    // own, so that what it starts can be stopped with it.
    sigset_t none, pipe;
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &pipe);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// A started program; whatever happens, it is waited for.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    wait();
  }
  int ended_fd() const { return ended_.get(); }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
  Fd ended_;
};

/// What is there now. False at the end of the output.
bool read_some(int fd, std::string& output, std::size_t limit) {
  char piece[4096];
  const ssize_t n = ::read(fd, piece, sizeof piece);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  output.append(piece, std::min(static_cast<std::size_t>(n), limit - output.size()));
  return n > 0;
}

/// Reads until the program has ended: a daemon that it leaves behind may keep the pipe open for ever.
bool read_until_end(int pipe, const Child& child, const ChildLimits& limits, std::string& output) {
  const TimePoint deadline = Clock::now() + limits.time;
  bool open = true;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd both[2] = {{child.ended_fd(), POLLIN, 0}, {open ? pipe : -1, POLLIN, 0}};
    if (::poll(both, 2, static_cast<int>(std::min<long long>(left, 1'000'000))) < 0 && errno != EINTR)
      return false;
    if (both[1].revents != 0) {
      open = read_some(pipe, output, limits.output_bytes);
    } else if (both[0].revents != 0) {
      return true;
    }
  }
}

}  // namespace

Result<ChildEnd> run_program(const std::vector<std::string>& arguments, ChildLimits limits) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno(errno, "open", "a pipe");
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);

  std::vector<char*> argv;
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  const SpawnSettings settings(theirs.get());
  pid_t pid = -1;
  const int why =
      ::posix_spawnp(&pid, argv[0], settings.actions(), settings.attributes(), argv.data(), environ);
  if (why != 0) return fail_errno(why, "run", arguments.front());
  Child child(pid);
  theirs.reset();
  if (child.ended_fd() < 0) return fail_errno(errno, "watch", arguments.front());

  ChildEnd out;
  if (!read_until_end(ours.get(), child, limits, out.output))
    return fail(kChildTooSlow,
                arguments.front() + ": more than " + std::to_string(limits.time.count()) + " ms");
  out.exit_code = child.wait();
  return out;
}

std::string find_program(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
  // Administration tools are not in every user's PATH, but every user may look.
  const std::string all = std::string(rest) + ":/usr/local/sbin:/usr/sbin:/sbin";
  for (std::size_t at = 0; at <= all.size();) {
    const std::size_t end = std::min(all.find(':', at), all.size());
    const std::string candidate = all.substr(at, end - at) + "/" + program;
    if (end > at && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    at = end + 1;
  }
  return {};
}

}  // namespace sally
