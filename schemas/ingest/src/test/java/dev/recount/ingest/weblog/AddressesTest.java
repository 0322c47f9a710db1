package dev.recount.ingest.weblog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1:80, 192.0.2.1",
    "192.0.2.1, 192.0.2.1",
    "[2001:db8::1]:443, 2001:db8::1",
    "[2001:db8::1], 2001:db8::1",
    "2001:db8::1:51234, 2001:db8::1",
    "2001:db8:0:0:0:0:0:1:443, 2001:db8:0:0:0:0:0:1",
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:3:4:5:6",
    "::1, ::1",
    "::1:8080, ::1:8080",
    "2001:db8:::1, 2001:db8:::1",
    "2001:db8::1::80, 2001:db8::1::80",
    "::1:99999, ::1",
    "::1:999999, ::1:999999",
    "fe80::1%eth0:51234, fe80::1%eth0",
    "example.com:80, example.com:80",
    "a:b:80, a:b:80",
  })
  void aPort_isNoPartOfAnAddress(String text, String address) {
    assertThat(Addresses.withoutPort(text)).isEqualTo(address);
  }
}
