package token

import (
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

const bech32Digits = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

// ageSum checks the last six digits of an age identity.
// https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki
func ageSum(token []byte, m *scanner.Match) bool {
	prefix, data, _ := strings.Cut(string(token), "1")
	if bech32(prefix, data) == 1 {
		rightChecksum(m)
	} else {
		wrongChecksum(m)
	}
	return true
}

func makeAge(r *rand.Rand, _ string) string {
	const prefix = "AGE-SECRET-KEY-"
	data := classString(r, bech32Digits, 52)
	sum := bech32(prefix, data+"QQQQQQ") ^ 1
	for i := range 6 {
		data += string(bech32Digits[sum>>(5*(5-i))&31])
	}
	return prefix + "1" + data
}

// bech32 is the polymod of BIP 173 over prefix and data, 1 when data ends in the
// right checksum, 0 when a digit is none.
func bech32(prefix, data string) uint32 {
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	low := strings.ToLower(prefix)
	for i := range len(low) {
		step(low[i] >> 5)
	}
	step(0)
	for i := range len(low) {
		step(low[i] & 31)
	}
	for i := range len(data) {
		v := strings.IndexByte(bech32Digits, data[i])
		if v < 0 {
			return 0
		}
		step(byte(v))
	}
	return sum
}
