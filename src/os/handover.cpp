#include "os/handover.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/number.h"
#include "os/descriptor_message.h"

extern char** environ;

namespace sally {
namespace {

constexpr const char* kVariable = "SALLYPORT_TAKE_OVER";
constexpr int kChannel = 3;  ///< in the successor
constexpr int kPatienceMs = 10'000;
constexpr const char* kEndedEarly = "it ended before it could serve; its words are in its own error log";
constexpr std::size_t kLongest = 64 * 1024;

/// The first byte of each message.
enum class Kind : char { socket = 'S', secret = 'K', end = 'E', ready = 'R', failed = 'F', go = 'G' };

Result<> say(const Fd& channel, Kind kind, std::string_view text = {}, int fd = -1) {
  std::string bytes(1, static_cast<char>(kind));
  bytes += text.substr(0, kLongest);
  const ssize_t n = send_with_descriptor(channel.get(), bytes.data(), bytes.size(), fd);
  ::explicit_bzero(bytes.data(), bytes.size());
  if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) return fail(kHandoverFailed, kEndedEarly);
  if (n < 0) return fail(kHandoverFailed, std::string("send: ") + std::strerror(errno));
  return {};
}

struct Message {
  Kind kind = Kind::failed;
  std::string text;
  Fd fd;
};

/// Errors: os.handover_failed at the end of the channel and when nothing comes in time.
Result<Message> hear(const Fd& channel) {
  pollfd one{channel.get(), POLLIN, 0};
  if (::poll(&one, 1, kPatienceMs) != 1) return fail(kHandoverFailed, "nothing came in time");
  Message out;
  out.text.resize(kLongest + 1);
  MessageTaken taken = receive_with_descriptor(channel.get(), out.text.data(), out.text.size());
  if (taken.size <= 0) return fail(kHandoverFailed, "the other process has ended");
  out.fd = std::move(taken.fd);
  out.kind = static_cast<Kind>(out.text.front());
  out.text.resize(static_cast<std::size_t>(taken.size));
  out.text.erase(0, 1);
  return out;
}

/// Our environment with one more variable.
struct Environment {
  Environment() {
    for (char** one = environ; *one != nullptr; ++one)
      if (!std::string_view(*one).starts_with("SALLYPORT_TAKE_OVER=")) all.push_back(*one);
    all.push_back(added.data());
    all.push_back(nullptr);
  }
  std::string added = std::string(kVariable) + "=" + std::to_string(kChannel);
  std::vector<char*> all;
};

Result<pid_t> spawn(const std::string& program, const std::vector<std::string>& arguments, int channel) {
  std::vector<char*> argv;
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  Environment environment;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, channel, kChannel);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int why =
      ::posix_spawn(&pid, program.c_str(), &actions, &attributes, argv.data(), environment.all.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (why != 0) return fail_errno(why, "start", program);
  return pid;
}

}  // namespace

Result<Successor> Successor::start(const std::string& program, const std::vector<std::string>& arguments) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno(errno, "open", "a channel");
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  const timeval patience{kPatienceMs / 1000, 0};
  ::setsockopt(ours.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  TRY(const pid_t pid, spawn(program, arguments, theirs.get()));
  return Successor(std::move(ours), pid);
}

Successor::Successor(Successor&& o) noexcept
    : channel_(std::move(o.channel_)), pid_(std::exchange(o.pid_, -1)) {}

Successor::~Successor() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<> Successor::give(int socket, std::string_view name) const {
  return say(channel_, Kind::socket, name, socket);
}
Result<> Successor::give_secret(std::string_view bytes) const { return say(channel_, Kind::secret, bytes); }
Result<> Successor::end() const { return say(channel_, Kind::end); }

Successor::Answer Successor::answer() const {
  auto heard = hear(channel_);
  if (!heard) return {false, kEndedEarly};
  if (heard->kind == Kind::ready) return {true, {}};
  return {false, std::move(heard->text)};
}

Result<> Successor::let_go() {
  TRY_VOID(say(channel_, Kind::go));
  pid_ = -1;
  return {};
}

Result<std::optional<Predecessor>> Predecessor::here() {
  const char* const written = std::getenv(kVariable);
  if (written == nullptr) return std::nullopt;
  const auto number = parse_number<std::uint16_t>(written);
  ::unsetenv(kVariable);
  if (!number || ::fcntl(*number, F_SETFD, FD_CLOEXEC) < 0)
    return fail(kHandoverFailed, std::string(kVariable) + " names no channel");
  Predecessor out{Fd(*number)};
  for (;;) {
    TRY(Message message, hear(out.channel_));
    if (message.kind == Kind::end) return out;
    if (message.kind == Kind::secret)
      out.secret_.swap(message.text);
    else if (message.kind == Kind::socket && message.fd)
      out.sockets_.push_back({std::move(message.fd), std::move(message.text)});
    else
      return fail(kHandoverFailed, "a message of an unknown kind");
  }
}

void Predecessor::wipe() {
  ::explicit_bzero(secret_.data(), secret_.size());
  secret_.clear();
}

Result<> Predecessor::ready() const {
  TRY_VOID(say(channel_, Kind::ready));
  TRY(const Message answer, hear(channel_));
  if (answer.kind != Kind::go) return fail(kHandoverFailed, "the other process goes on");
  return {};
}

void Predecessor::fail_with(std::string_view why) const {
  [[maybe_unused]] const Result<> said = say(channel_, Kind::failed, why);  // it may have gone
}

}  // namespace sally
