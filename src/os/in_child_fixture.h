// os/in_child_fixture.h - for tests: a body that changes what belongs to a whole process.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

namespace sally {

/// Runs `body` in a child, whose state nobody else shares; its value is the exit code.
template <typename Body>
int in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = -1;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace sally
