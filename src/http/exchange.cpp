#include "http/exchange.h"

namespace sally::http {

std::string_view version_text(Version v) {
  switch (v) {
    case Version::http1_0:
      return "HTTP/1.0";
    case Version::http1_1:
      return "HTTP/1.1";
    case Version::http2:
      return "HTTP/2.0";
    case Version::http3:
      return "HTTP/3.0";
  }
  return {};
}

void Exchange::respond() {
  if (responded_) return;
  responded_ = true;
  if (response_edit) response_edit->edit(*this);
  response.body.wake_with(*this);
  if (owner_) owner_->response_ready(*this);
}

void Exchange::respond_tunnel() {
  if (responded_) return;
  tunnel_ = true;
  response.status = request.version == Version::http1_1 ? 101 : 200;
  respond();
}

void Exchange::abort(Error why) {
  if (owner_) owner_->abort(*this, std::move(why));
}

void Exchange::send_interim(int status, Fields fields) {
  if (responded_) return;
  interim = Interim{status, std::move(fields)};
  if (owner_) owner_->interim_ready(*this);
}

void Exchange::wake() {
  if (owner_) owner_->body_ready(*this);
}

void Exchange::recycle() {
  handling.reset();
  answering.reset();
  failures = nullptr;
  Fields lines = std::move(request.fields);
  lines.clear();
  std::string host = std::move(request.host);
  host.clear();
  request = Request{};
  request.fields = std::move(lines);
  request.host = std::move(host);
  request_body.recycle();
  lines = std::move(response.fields);
  lines.clear();
  response = Response{};
  response.fields = std::move(lines);
  interim.reset();
  arena.reset();
  facts = nullptr;
  added = nullptr;
  response_edit = nullptr;
  stream_id = -1;
  sent_body_bytes = 0;
  owner_state = nullptr;
  owner_ = nullptr;
  site = failure = request_id = {};
  responded_ = tunnel_ = false;
  served_by.reset();  // the last: what went before may have been the handler's
}

void Exchange::respond_text(int status, std::string_view content_type, std::string body) {
  response.status = status;
  response.fields.add("content-type", content_type);
  response.body = Body::text(std::move(body));
  respond();
}

}  // namespace sally::http
