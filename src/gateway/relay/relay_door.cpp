#include "gateway/relay/relay_door.h"

#include <algorithm>
#include <array>

namespace sally::gateway {
namespace {

constexpr std::array kWords =
    std::to_array<std::string_view>({"imaps", "imap", "pop3s", "pop3", "smtps", "smtp", "ldaps", "ldap",
                                     "ftps", "ftp", "postgres", "xmpp", "dot", "tls"});

}  // namespace

SharedGroup RelayDoor::passes(std::string_view name, const std::vector<std::string>& offered) const {
  for (std::size_t i = 0; i < config.pass.size(); ++i)
    if (config.pass[i].fits(name, offered)) return pass[i];
  return nullptr;
}

const proto::Protocol* backend_dialogue(std::string_view id) {
  const proto::Protocol* row = proto::protocol_named(id);
  if (row != nullptr && row->starttls != nullptr) return row;
  if (!id.ends_with('s')) return nullptr;
  row = proto::protocol_named(id.substr(0, id.size() - 1));
  return row != nullptr && row->starttls != nullptr ? row : nullptr;
}

const proto::Protocol* relayed_protocol(std::string_view written, std::uint16_t port) {
  if (std::ranges::find(kWords, written) == kWords.end()) return nullptr;
  const proto::Protocol* const row = proto::protocol_named(written);
  if (row == nullptr || row->entry == proto::TlsEntry::at_once) return row;
  const proto::Protocol* const secure = proto::protocol_named(std::string(written) + "s");
  const bool usual = secure != nullptr && std::ranges::find(secure->ports, port) != secure->ports.end();
  return usual ? secure : proto::server_side_of(*row) != nullptr ? row : nullptr;
}

std::vector<std::string_view> relayed_words() { return {kWords.begin(), kWords.end()}; }

}  // namespace sally::gateway
