#include "handler/error_page.h"

#include <gtest/gtest.h>

namespace sally::handler {
namespace {

TEST(ErrorPage, HtmlForBrowsersAndTextForOthers) {
  http::Exchange html(1024), text(1024);
  html.request.fields.add("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
  html.response.fields.add("content-encoding", "br");  // of an answer that was given up
  html.response.fields.add("allow", "GET");
  respond_with_error(html, 405);
  EXPECT_EQ(html.response.status, 405);
  EXPECT_EQ(html.response.fields.first("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(html.response.fields.first("cache-control"), "no-store");
  EXPECT_EQ(html.response.fields.first("allow"), "GET");
  EXPECT_FALSE(html.response.fields.first("content-encoding"));
  respond_with_error(text, 503);
  EXPECT_EQ(text.response.fields.first("content-type"), "text/plain; charset=utf-8");
  const auto body = text.response.body.view(10'000);
  EXPECT_TRUE(as_text(body->bytes).starts_with("503 Service Unavailable\n"));
}

TEST(ErrorPage, TheRequestIdIsEscaped) {
  const std::string page = error_page_html(500, "<script>");
  EXPECT_EQ(page.find("<script>"), page.npos);
  EXPECT_NE(page.find("request &lt;script&gt;"), page.npos);
  EXPECT_EQ(error_page_html(500).find("request "), std::string::npos);
  EXPECT_NE(error_page_text(500, "ab12").find("request ab12"), std::string::npos);
}

TEST(ErrorPage, EveryStatusHasASentence) {
  for (const int status : {400, 404, 418, 451, 500, 511, 599})
    EXPECT_NE(error_page_html(status).find("<p>"), std::string::npos) << status;
}

}  // namespace
}  // namespace sally::handler
