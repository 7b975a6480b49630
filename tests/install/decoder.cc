#include <lksctp/decoder/address.h>

#include <cstdio>

int main() {
  const auto address = lksctp::Address::parse("2001:db8::1", 2905);
  std::puts(address->to_string().c_str());
  return address->to_string() == "[2001:db8::1]:2905" ? 0 : 1;
}
