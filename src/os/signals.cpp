#include "os/signals.h"

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>

namespace sally {

Result<SignalSet> SignalSet::take(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : signals) sigaddset(&set, s);
  if (const int why = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); why != 0)
    return fail_errno(why, "block", "signals");
  Fd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return fail_errno(errno, "open", "a signal descriptor");
  return SignalSet(std::move(fd));
}

std::optional<int> SignalSet::next() {
  signalfd_siginfo one{};
  if (::read(fd_.get(), &one, sizeof one) != sizeof one) return std::nullopt;
  return static_cast<int>(one.ssi_signo);
}

void ignore_broken_pipes() { ::signal(SIGPIPE, SIG_IGN); }

void unblock_all_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace sally
