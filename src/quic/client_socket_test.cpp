#include "quic/client_socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <numeric>
#include <string>
#include <vector>

#include "net/listener.h"
#include "quic/test_pair.h"

namespace sally::quic {
namespace {

struct Listener {
  Listener() : fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress any = *SocketAddress::numeric("127.0.0.1", 0);
    EXPECT_EQ(::bind(fd.get(), any.get(), any.length()), 0);
    at = bound_address(fd.get()).value();
  }
  std::string next() const {
    pollfd one{fd.get(), POLLIN, 0};
    if (::poll(&one, 1, 60'000) != 1) return "nothing came";
    std::string out(2000, '\0');
    const ssize_t n = ::recv(fd.get(), out.data(), out.size(), 0);
    out.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return out;
  }
  Fd fd;
  SocketAddress at;
};

void put(ClientSocket& socket, const std::string& text) {
  std::ranges::copy(text, socket.room(1400).begin());
  socket.commit(text.size(), socket.path(), 0);
}

TEST(QuicClientSocket, DatagramsOfAllSizesArriveAsTheyWere) {
  const Listener listener;
  ClientBuffers buffers;
  auto socket = ClientSocket::open(listener.at, buffers).value();
  EXPECT_EQ(socket.path().remote.port(), listener.at.port());
  std::vector<std::string> sent;
  for (const std::size_t size : {1200u, 1200u, 700u, 1200u, 1300u, 1u, 1u, 1400u, 1400u, 1399u})
    sent.emplace_back(size, static_cast<char>('a' + sent.size()));
  for (const std::string& one : sent) put(socket, one);
  socket.flush();
  for (const std::string& one : sent) EXPECT_TRUE(listener.next() == one) << one.size() << one[0];
  EXPECT_EQ(socket.sent_bytes(),
            std::accumulate(sent.begin(), sent.end(), std::size_t{0},
                            [](std::size_t sum, const std::string& one) { return sum + one.size(); }));
}

TEST(QuicClientSocket, MoreThanOneCallTakes) {
  const Listener listener;
  ClientBuffers buffers;
  auto socket = ClientSocket::open(listener.at, buffers).value();
  for (int i = 0; i < 60; ++i) put(socket, std::string(1400, static_cast<char>(i)));
  socket.flush();
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(listener.next() == std::string(1400, static_cast<char>(i))) << i;
}

TEST(QuicClientSocket, AClosedPortIsTold) {
  SocketAddress nobody;
  {
    const Listener gone;
    nobody = gone.at;
  }
  TestPair::Ignored ignored;
  const QuicConfig config;
  ClientBuffers buffers;
  auto socket = ClientSocket::open(nobody, buffers).value();
  const crypto::SslCtx context(SSL_CTX_new(TLS_method()));
  ClientWish wish;
  wish.path = socket.path();
  wish.ssl = test_client_tls(context.get());
  auto connection = connect(ignored, ignored, config, std::move(wish), Clock::now()).value();
  connection->produce(socket, Clock::now());
  socket.flush();
  pollfd one{socket.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&one, 1, 60'000), 1);
  EXPECT_EQ(socket.take(*connection, Clock::now()).error, ECONNREFUSED);
}

}  // namespace
}  // namespace sally::quic
