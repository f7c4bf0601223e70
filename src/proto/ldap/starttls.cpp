#include "proto/ldap/starttls.h"

#include <fmt/format.h>

#include "proto/ldap/message.h"

namespace sally::ldap {
namespace {

using namespace std::string_literals;
using proto::DialogueStep;
using proto::PlainLogin;
using Next = DialogueStep::Next;

constexpr std::uint8_t kExtendedResponse = 0x78;
/// RFC 4511 4.1.9.
enum ResultCode : std::uint32_t {
  kSuccess = 0,
  kStrongerAuthRequired = 8,
  kConfidentialityRequired = 13,
  kNoSuchObject = 32,
  kInvalidDnSyntax = 34,
  kInappropriateAuthentication = 48,
  kInvalidCredentials = 49,
  kInsufficientAccessRights = 50,
  kBusy = 51,
  kUnavailable = 52,
};

std::string element(char tag, const std::string& content) {
  return std::string(1, tag) + static_cast<char>(content.size()) + content;
}
std::string message(char id, const std::string& operation) {
  return element('\x30', element('\x02', std::string(1, id)) + operation);
}

/// Sends one request as soon as it may, and reads one result.
class OneRequest : public proto::Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) final {
    if (!std::exchange(sent_, true)) return request();
    TRY(const auto result, take_result(in));
    if (!result) return DialogueStep{};
    if (result->code == kBusy) return DialogueStep{.next = Next::busy, .why = "result busy: " + result->text};
    return answered(*result);
  }

 private:
  virtual DialogueStep request() = 0;
  virtual DialogueStep answered(const OperationResult& result) = 0;

  bool sent_ = false;
};

class Starttls final : public OneRequest {
  DialogueStep request() override {
    return {.send = message(1, element('\x77', element('\x80', "1.3.6.1.4.1.1466.20037"))),
            .asks_for_tls = true};
  }
  DialogueStep answered(const OperationResult& result) override {
    if (result.tag == kExtendedResponse && result.code == kSuccess) return {.next = Next::tls};
    return {.next = Next::done, .why = fmt::format("result {} \"{}\"", result.code, result.text)};
  }
};

/// A search of the root entry (RFC 4511 4.5.1).
std::string root_search(char id, const std::string& attribute) {
  const std::string search = "\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x01\x02\x01\x05\x01\x01\x00"s +
                             element('\x87', "objectClass") + element('\x30', element('\x04', attribute));
  return message(id, element('\x63', search));
}

/// slapd judges a name outside its databases before it thinks of TLS: the name must lie in one of them.
class PlainBind final : public proto::Dialogue {
 public:
  Result<DialogueStep> step(Buffer& in) override {
    if (!std::exchange(searched_, true)) return DialogueStep{.send = root_search(1, "namingContexts")};
    if (!root_.done) {
      TRY(const bool whole, take_root_entry(in, root_));
      if (!whole) return DialogueStep{};
      return bind_or_end();
    }
    TRY(const auto result, take_result(in));
    if (!result) return DialogueStep{};
    learnt(verdict(result->code),
           fmt::format("A simple bind without TLS had the result {} \"{}\"", result->code, result->text));
    return DialogueStep{.next = Next::done};
  }

 private:
  static constexpr std::size_t kLongestName = 60;  // lengths of one byte

  DialogueStep bind_or_end() {
    if (root_.code != kSuccess)
      learnt(verdict(root_.code), "Not even the root entry can be read without TLS");
    if (root_.code != kSuccess || root_.naming_context.empty() || root_.naming_context.size() > kLongestName)
      return {.next = Next::done};
    const std::string bind = element('\x02', "\x03") +
                             element('\x04', "cn=sallyport-check," + root_.naming_context) +
                             element('\x80', "sallyport-check");
    return {.send = message(2, element('\x60', bind))};
  }

  static PlainLogin verdict(std::uint32_t code) {
    switch (code) {
      case kStrongerAuthRequired:
      case kConfidentialityRequired:
        return PlainLogin::refused;
      case kSuccess:
      case kNoSuchObject:
      case kInvalidDnSyntax:
      case kInvalidCredentials:
        return PlainLogin::allowed;
      default:
        return PlainLogin::unknown;
    }
  }

  RootEntry root_;
  bool searched_ = false;
};

}  // namespace

std::unique_ptr<proto::Dialogue> make_starttls(const proto::DialogueNames&) {
  return std::make_unique<Starttls>();
}
std::unique_ptr<proto::Dialogue> make_plain_login(const proto::DialogueNames&) {
  return std::make_unique<PlainBind>();
}

std::string early_command(const proto::DialogueNames&) { return root_search(9, "1.1"); }

}  // namespace sally::ldap
