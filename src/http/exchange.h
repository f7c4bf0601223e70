// http/exchange.h - one request and its response, whichever version of HTTP carries them.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/time.h"
#include "http/body.h"
#include "http/body_pipe.h"
#include "http/connection_facts.h"
#include "http/fields.h"
#include "http/method.h"
#include "loop/task.h"

namespace sally::http {

enum class Version : std::uint8_t { http1_0, http1_1, http2, http3 };
std::string_view version_text(Version v);  ///< "HTTP/1.1", "HTTP/2.0", ...

/// Every view points into the exchange's arena. The codec has already enforced the grammar and the Host
/// rules (RFC 9112 3.2, RFC 9113 8.3.1): what stands here is well formed, though not yet trusted.
struct Request {
  Version version = Version::http1_1;
  Method method = Method::get;
  std::string_view method_text;
  std::string_view scheme;     ///< "https" or "http": of the connection or of :scheme
  std::string_view authority;  ///< as sent: "Example.com:8443"; empty only for HTTP/1.0 without Host
  std::string host;            ///< lower case, without port and without the brackets of IPv6
  std::string_view path;  ///< still percent-encoded, starts with '/'; "*" for OPTIONS *; empty for CONNECT
  std::string_view asked_path;  ///< what `path` was before a route changed it; empty: it did not
  std::string_view query;       ///< after '?', without it; has_query tells "/a?" from "/a"
  bool has_query = false;
  /// Another protocol that is asked for: of Upgrade (RFC 9110 7.8) or of an extended CONNECT (RFC 8441), as
  /// sent; else empty. May be ignored.
  std::string_view protocol;
  Fields fields;  ///< without the pseudo-fields; `host` is kept as a field for HTTP/1
  std::optional<std::uint64_t> content_length;
  bool has_body = false;  ///< bytes of content may follow
  bool expects_continue =
      false;  ///< RFC 9110 10.1.1; the codec sends the 100 when the handler reads the body

  /// The path as the client sent it: for logs, and for locations that it is to ask for.
  std::string_view asked() const { return asked_path.empty() ? path : asked_path; }
};

/// The header fields of an answer that is given often, made once: for HTTP/1 as text, for HTTP/2 and 3 as a
/// list. Immutable; does not hold status, date, server or what the site adds.
struct PreparedFields {
  std::string
      http1;      ///< "content-type: text/html\r\ncontent-length: 12\r\n...", each line ended, no empty line
  Fields fields;  ///< the same; views into `texts`
  std::string texts;
};

struct Response {
  int status = 0;  ///< 200..599
  Fields fields;   ///< names lower case; never connection, transfer-encoding, date or server: the codec's own
  const PreparedFields* prepared = nullptr;  ///< sent before `fields`; kept alive by `keep`
  std::shared_ptr<const void> keep;          ///< whatever the views of `fields` and `prepared` point into
  Body body;        ///< its length becomes content-length, unless `prepared` or `fields` has one
  Fields trailers;  ///< sent after the body where the version and the client allow it
};

class Exchange;

/// What an exchange tells the codec that owns it. These calls note and schedule; nothing is written inside
/// them.
struct ExchangeOwner {
  virtual void response_ready(Exchange& x) = 0;    ///< response.status, fields and body are set
  virtual void body_ready(Exchange& x) = 0;        ///< the body's source has more after it had none
  virtual void interim_ready(Exchange& x) = 0;     ///< `interim` holds a 1xx to be sent
  virtual void abort(Exchange& x, Error why) = 0;  ///< the response cannot be completed: end it as broken

 protected:
  ~ExchangeOwner() = default;
};

/// Changes a response between its handler and its codec.
struct ResponseEdit {
  /// Once, when all but the body's bytes is there. Not called for 1xx.
  virtual void edit(Exchange& x) const = 0;

 protected:
  ~ResponseEdit() = default;
};

/// Who hears what went wrong with an exchange: the error log and the page for the client.
struct ExchangeFailures {
  /// For the log only: the codec has heard it, or will.
  virtual void note(Exchange& x, const Error& why) = 0;
  /// An error page with the row's http_status before respond(), an abort after it.
  virtual void give_up(Exchange& x, const Error& why) = 0;

 protected:
  ~ExchangeFailures() = default;
};

/// What answers an exchange when a handler waits without a coroutine. Goes when the exchange is over, however
/// it ended.
struct Answering {
  virtual ~Answering() = default;
};

/// Made by a codec when a request's head is whole; owned by it; recycled after the last byte (ExchangePool).
class Exchange final : public Waker {
 public:
  explicit Exchange(std::size_t body_pipe_bytes) : request_body(body_pipe_bytes) {}

  Request request;
  BodyPipe request_body;
  Response response;
  Arena arena;
  const ConnectionFacts* facts = nullptr;
  const PreparedFields* added =
      nullptr;  ///< what the site adds to each answer (HSTS and its kin); codecs write it last
  const ResponseEdit* response_edit = nullptr;  ///< the route's
  std::int64_t stream_id = -1;                  ///< of HTTP/2 and 3
  TimePoint began{};                            ///< when the head was whole
  std::uint64_t sent_body_bytes = 0;
  void* owner_state = nullptr;     ///< the codec's, for the exchange's stream
  Running<Result<Unit>> handling;  ///< the handler's coroutine, if it needed one
  std::shared_ptr<const void>
      served_by;  ///< what must outlive the exchange, such as a site that a reload removes
  std::unique_ptr<Answering> answering;  ///< goes before served_by
  ExchangeFailures* failures = nullptr;
  std::string_view site;        ///< whose request it is, for the log
  std::string_view request_id;  ///< in every log line about it, and what a backend is told; in the arena
  std::string_view failure;     ///< id of the error or name of the timer that ended it, for the log

  void owned_by(ExchangeOwner& owner) { owner_ = &owner; }
  /// The handler has set `response`. Once for each exchange. Then only the body moves.
  void respond();
  bool responded() const { return responded_; }
  /// Instead of respond(): request.protocol is granted. response.fields go along; response.body has no length
  /// and gives what goes to the client until it ends; request_body gives what the client sends from now on,
  /// until the client ends its side, without a limit of its length. Each side ends for itself; a broken one
  /// is abort().
  void respond_tunnel();
  bool tunnel() const { return tunnel_; }
  /// After respond(): what was promised cannot be kept.
  void abort(Error why);
  /// A 1xx with its fields, before respond() (RFC 9110 15.2).
  void send_interim(int status, Fields fields);
  struct Interim {
    int status = 0;
    Fields fields;
  };
  std::optional<Interim> interim;

  void wake() override;  ///< the body's source: more is there

  /// As new, but for the memory that the lists and the arena keep.
  void recycle();

  /// A short answer with a plain body: what a handler needs for redirects and errors.
  void respond_text(int status, std::string_view content_type, std::string body);

 private:
  ExchangeOwner* owner_ = nullptr;
  bool responded_ = false, tunnel_ = false;
};

}  // namespace sally::http
