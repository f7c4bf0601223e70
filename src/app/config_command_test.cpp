#include "app/config_command.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace sally::app {
namespace {

namespace fs = std::filesystem;

class ConfigCommand : public testing::Test {
 protected:
  ConfigCommand() {
    std::string name = (fs::temp_directory_path() / "sally_config_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directory(folder_ / "www");
  }
  ~ConfigCommand() override { fs::remove_all(folder_); }

  int check(std::string_view text) {
    const fs::path path = folder_ / "s.toml";
    std::ofstream(path) << text;
    out_.str("");
    err_.str("");
    return config_check(path.string(), out_, err_);
  }
  int explain(std::string_view key, ExplainForm form = ExplainForm::text, std::size_t width = 80) {
    out_.str("");
    err_.str("");
    return config_explain(key, form, out_, err_, width);
  }
  /// What was written, without this test's folder.
  std::string shown(const std::ostringstream& stream) {
    std::string text = stream.str();
    for (std::size_t at; (at = text.find(folder_.string() + "/")) != text.npos;)
      text.erase(at, folder_.string().size() + 1);
    return text;
  }

  fs::path folder_;
  std::ostringstream out_, err_;
};

TEST_F(ConfigCommand, TellsWhatAGoodFileServes) {
  EXPECT_EQ(check("[site.\"localhost:8443\"]\nfiles = 'www'\ndefault = true\n"
                  "[site.'a.test']\nrespond = 'x'\n[port.8080]\nprotocol = 'http'\n"),
            0);
  EXPECT_EQ(shown(err_), "");
  EXPECT_EQ(shown(out_),
            "s.toml is good: 2 sites.\n"
            "  localhost and every other name\n"
            "    files in www; certificate by the local CA\n"
            "    on 127.0.0.1:8443, [::1]:8443, 8080 (plain http)\n"
            "  a.test\n"
            "    answers 200; certificate by the local CA\n"
            "    on 443, 8080 (plain http)\n"
            "  http on 80 is redirected to https\n");
}

TEST_F(ConfigCommand, TellsEveryFault) {
  EXPECT_EQ(check("workers = -1\n[site.localhost]\nfile = 'www'\n"), 1);
  EXPECT_EQ(shown(out_), "");
  EXPECT_EQ(shown(err_),
            "s.toml:1: workers: -1 is outside 0..1024; 0: one per core\n"
            "s.toml:3: site.localhost.file: no such key; did you mean \"files\"?\n"
            "s.toml: 2 faults\n");
  EXPECT_EQ(check("[site\n"), 1);
  EXPECT_EQ(shown(err_), "s.toml:1: ] is missing\ns.toml: 1 fault\n");
}

TEST_F(ConfigCommand, TellsAFileThatIsNotThere) {
  EXPECT_EQ(config_check((folder_ / "none.toml").string(), out_, err_), 1);
  EXPECT_EQ(
      shown(err_),
      "none.toml: No such file or directory; check that the path is right and that this account may read it\n"
      "none.toml: 1 fault\n");
}

TEST_F(ConfigCommand, LoadsTheCertificates) {
  std::ofstream(folder_ / "a.pem") << "no certificate\n";
  std::ofstream(folder_ / "a.key") << "no key\n";
  EXPECT_EQ(check("[site.'a.test']\nrespond = 'x'\ncertificate = 'a.pem'\nkey = 'a.key'\n"), 1);
  EXPECT_TRUE(shown(err_).starts_with("crypto.certificate_file_unusable: ")) << shown(err_);
  EXPECT_TRUE(shown(err_).contains("a.pem")) << shown(err_);
  EXPECT_TRUE(shown(err_).ends_with("s.toml: 1 fault\n")) << shown(err_);
}

TEST_F(ConfigCommand, ExplainsAKey) {
  EXPECT_EQ(explain("tls.tickets"), 0);
  EXPECT_EQ(shown(out_),
            "[tls]\n"
            "  What a client may speak, and what a handshake may cost.\n"
            "\n"
            "  tickets = 2                         0..8\n"
            "      Tickets for resumption after a full handshake; 0 turns resumption off.\n"
            "      (RFC 8446 4.6.1)\n");
  EXPECT_EQ(explain("site.\"example.com\".files.root"), 0);
  EXPECT_TRUE(shown(out_).starts_with("[site.\"NAME\".files]\n")) << shown(out_);
}

TEST_F(ConfigCommand, ExplainsAllInThreeForms) {
  for (const ExplainForm form : {ExplainForm::text, ExplainForm::markdown, ExplainForm::json}) {
    EXPECT_EQ(explain("", form), 0);
    for (const char* key :
         {"min_version", "max_connections_per_address", "continuation_frames", "cache_control"})
      EXPECT_TRUE(out_.str().contains(key)) << key;
  }
}

TEST_F(ConfigCommand, FitsTheColumns) {
  for (const std::size_t width : {40U, 80U, 120U}) {
    EXPECT_EQ(explain("", ExplainForm::text, width), 0);
    std::istringstream lines(out_.str());
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
    // One default is longer than the narrowest terminal; it is not cut.
    EXPECT_LE(longest, std::max<std::size_t>(width, 72)) << width;
  }
}

TEST_F(ConfigCommand, SaysWhatIsNearToAnUnknownKey) {
  EXPECT_EQ(explain("tls.ticket"), 64);
  EXPECT_EQ(err_.str(),
            "sallyport: no key or block is named \"tls.ticket\"; did you mean \"tls.tickets\"?\n");
  EXPECT_EQ(explain("aquarium"), 64);
  EXPECT_EQ(
      err_.str(),
      "sallyport: no key or block is named \"aquarium\"; `sallyport config explain` lists all of them\n");
}

}  // namespace
}  // namespace sally::app
