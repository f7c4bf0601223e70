// app/order_command.h - `sallyport reload`: an order to the gateway that runs.
#pragma once
#include <iosfwd>
#include <string>
#include <string_view>

namespace sally::app {

struct OrderOptions {
  std::string config = "sallyport.toml";  ///< of the running gateway
  std::string folder;                     ///< that it serves, if it was started without a configuration
  std::string state;  ///< its state folder; empty: as the configuration says, else the usual ones
};

/// Finds the gateway by its configuration, gives it the order and waits for what comes of it.
///
/// out   what it did
/// err   why it refused, or why it was not found
///
/// returns the exit status: 0 done, 1 not
int order(const OrderOptions& options, std::string_view word, std::ostream& out, std::ostream& err);

}  // namespace sally::app
