#include "check/rules/all.h"

namespace sally::check {
namespace {

constexpr FindingKind kUnguarded{
    "openvpn.unguarded",
    Severity::info,
    Grade::a_plus,
    "The server begins TLS with everybody: neither tls-auth nor tls-crypt stands in front of it.",
    "Give clients a key for the control channel (tls-crypt-v2, or tls-crypt): whoever has none gets no "
    "answer.",
    "OpenVPN manual, tls-crypt"};

}  // namespace

void judge_openvpn(const Case& c, Findings& out) {
  if (!c.target.protocol || c.target.protocol->entry != proto::TlsEntry::packed || !c.seen.spoke()) return;
  out.add(kUnguarded, "A reset without a key was answered, and TLS was spoken.");
}

}  // namespace sally::check
