// check/rules/all.h - the rules, one function each; each is in the file of its name.
#pragma once
#include "check/rule.h"

namespace sally::check {

void judge_reach(const Case& c, Findings& out);
void judge_starttls(const Case& c, Findings& out);
void judge_openvpn(const Case& c, Findings& out);
void judge_sstp(const Case& c, Findings& out);
void judge_ike(const Case& c, Findings& out);
void judge_ssh(const Case& c, Findings& out);
void judge_protocol(const Case& c, Findings& out);
void judge_ftp(const Case& c, Findings& out);
void judge_suites(const Case& c, Findings& out);
void judge_key_exchange(const Case& c, Findings& out);
void judge_certificate(const Case& c, Findings& out);
void judge_signatures(const Case& c, Findings& out);
void judge_attacks(const Case& c, Findings& out);
void judge_usage(const Case& c, Findings& out);
void judge_revocation(const Case& c, Findings& out);
void judge_dns(const Case& c, Findings& out);
void judge_mail(const Case& c, Findings& out);
void judge_hsts(const Case& c, Findings& out);
void judge_redirect(const Case& c, Findings& out);
void judge_cookies(const Case& c, Findings& out);
void judge_http(const Case& c, Findings& out);
void judge_http3(const Case& c, Findings& out);
void judge_mixed(const Case& c, Findings& out);

}  // namespace sally::check
