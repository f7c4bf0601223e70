// check/ike_mend.h - what to write into the configuration of an IPsec gateway so that a finding goes away.
#pragma once
#include <string_view>

namespace sally::check {

/// Lines for swanctl.conf of strongSwan, or for ipsec.conf of libreswan; empty: there are none.
std::string_view strongswan_mend(std::string_view finding_id);
std::string_view libreswan_mend(std::string_view finding_id);

}  // namespace sally::check
