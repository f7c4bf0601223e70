// gateway/relay/datagram_relay.h - the ports of UDP on one core: whose session a datagram is, and what
// becomes of one that has none.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "gateway/error_log.h"
#include "gateway/relay/datagram_group.h"
#include "gateway/relay/relay_record.h"
#include "loop/loop.h"
#include "net/datagram_socket.h"

namespace sally::gateway {

class DatagramDoor;

class DatagramRelay {
 public:
  struct Parts {
    Loop& loop;
    upstream::Board& board;
    ErrorLog& errors;
    std::function<void(const RelayRecord&)> ended;  ///< a session
  };
  explicit DatagramRelay(Parts parts);
  ~DatagramRelay();

  /// Opens what is new, closes what is not among `duties`. Sessions of ports that stay go on as they began.
  void change(std::vector<DatagramDuty> duties);
  /// Sessions have no end that could be waited for: all end now.
  void close();

  const Parts& parts() const { return parts_; }
  DatagramBuffers& buffers();

 private:
  SharedDatagramGroup group_for(const SharedDatagramPort& port);

  Parts parts_;
  std::unique_ptr<DatagramBuffers> buffers_;  ///< made when there is a use for them
  std::vector<SharedDatagramGroup> groups_;
  std::vector<std::unique_ptr<DatagramDoor>> doors_;
};

}  // namespace sally::gateway
