// proto/ldap/message.h - reads the result of one LDAP operation: as much of BER as that takes.
#pragma once
#include <optional>
#include <string>

#include "proto/dialogue.h"

namespace sally::ldap {

struct OperationResult {
  std::uint8_t tag = 0;    ///< of the protocolOp: 0x61 BindResponse, 0x78 ExtendedResponse
  std::uint32_t code = 0;  ///< resultCode
  std::string text;        ///< diagnosticMessage, printable, at most 120 bytes
};

/// Any message, as far as one who refuses it must look.
struct Request {
  std::string id;        ///< the content of messageID: 1 to 4 bytes
  std::uint8_t tag = 0;  ///< of the protocolOp: 0x60 BindRequest, 0x77 ExtendedRequest
  std::string content;
};
/// The first message of `in`, which is consumed; nullopt: more bytes are needed.
/// Errors: proto.other_speech, proto.talks_too_much.
Result<std::optional<Request>> take_request(Buffer& in, std::size_t limit_bytes);
/// The requestName of an ExtendedRequest (RFC 4511 4.12). Errors: proto.other_speech.
Result<std::string> name_of_extension(const Request& request);

/// What the search of the root entry brings, one message at a time.
struct RootEntry {
  bool done = false;  ///< SearchResultDone came, with `code`
  std::uint32_t code = 0;
  std::string naming_context;  ///< the first; empty: none yet
};
/// Reads on in `out`; false: more bytes are needed. Only entries whose attribute is namingContexts are looked
/// into. Errors and source as below; RFC 4511 4.5.2, RFC 4512 5.1.
Result<bool> take_root_entry(Buffer& in, RootEntry& out, std::size_t limit_bytes = 64 * 1024);

/// The first message of `in`, which is consumed; nullopt: more bytes are needed.
/// Errors: proto.other_speech, proto.talks_too_much.
/// source  RFC 4511 4.1.1, 4.1.9, 5.1 (definite lengths only)
Result<std::optional<OperationResult>> take_result(Buffer& in, std::size_t limit_bytes = 16 * 1024);

}  // namespace sally::ldap
