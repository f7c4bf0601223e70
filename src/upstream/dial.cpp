#include "upstream/dial.h"

#include <sys/socket.h>

#include "net/connect.h"
#include "net/stream.h"
#include "upstream/shake_hands.h"

namespace sally::upstream {
namespace {

constexpr std::size_t kMostDialogue = 64 * 1024;  ///< of what a backend says before TLS
constexpr std::size_t kOneRead = 4096;

std::unexpected<Error> no_tls(const Backend& backend, const std::string& why) {
  return fail(kNoTls, backend.address().text + ": " + why);
}

bool send_all(int fd, std::string_view text) {
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

Task<Result<Unit>> converse(const Backend& backend, int fd, const proto::Protocol& protocol, Deadline by) {
  if (protocol.starttls == nullptr) co_return no_tls(backend, "its protocol knows no STARTTLS");
  const auto dialogue = protocol.starttls({.ours = "localhost", .server = backend.rules()->name()});
  Stream stream(backend.loop(), Fd(::dup(fd)));  // leaves the loop before TLS joins it
  CO_TRY_VOID(stream.start());
  Buffer in(kMostDialogue);
  for (;;) {
    auto step = dialogue->step(in);
    if (!step) co_return std::unexpected(std::move(step).error());
    if (!step->send.empty()) CO_TRY_VOID(stream.write_now(as_bytes(step->send)));
    if (step->next == proto::DialogueStep::Next::tls) {
      if (in.empty()) co_return Unit{};
      co_return no_tls(backend, "it sent something between the request for TLS and TLS itself");
    }
    if (step->next != proto::DialogueStep::Next::bytes) co_return no_tls(backend, step->why);
    if (co_await stream.until(Stream::kReadable, by) & Stream::kTimedOut)
      co_return fail(kConnectTimeout, "STARTTLS");
    CO_TRY(const auto room, in.prepare(kOneRead));
    CO_TRY(const auto n, stream.read_now(room.first(kOneRead)));
    if (n && *n == 0) co_return no_tls(backend, "it closed the connection");
    in.commit(n.value_or(0));
  }
}

}  // namespace

Task<Result<Wire>> dial(Backend& backend, std::string first, const proto::Protocol* protocol, Deadline by) {
  CO_TRY(Fd socket, co_await backend.open_socket());
  // A socket without anything in it takes so little at once.
  if (!first.empty() && !send_all(socket.get(), first))
    co_return fail(kConnectFailed, "the PROXY protocol header was not taken");
  if (!backend.rules()) co_return Wire(std::move(socket));
  if (backend.address().starttls && protocol != nullptr)
    CO_TRY_VOID(co_await converse(backend, socket.get(), *protocol, by));
  co_return co_await ShakeHands(backend.loop(), std::move(socket), backend.rules(), false, by);
}

}  // namespace sally::upstream
