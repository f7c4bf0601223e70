// app/ports_command.h - `sallyport ports`: the protocols that are known, and what can be done with each.
#pragma once
#include <iosfwd>

namespace sally::app {

/// A row for each usual port of each protocol of the registry. json: for programs. Returns the exit status.
int ports(bool json, std::ostream& out);

}  // namespace sally::app
