package judge

import "hash/crc32"

// published are the values that standards show in their examples and that tests
// and manuals everywhere repeat. They stand here as CRC-32, so that the source
// holds nothing that looks like a secret.
var published = map[uint32]struct{}{
	// OAuth 1.0, https://datatracker.ietf.org/doc/html/rfc5849 and its forerunner
	0x25cb1226: {}, 0xd43b7b44: {}, 0x6af2cb86: {}, 0xc31c70d7: {}, 0x779eb5f1: {}, 0xa8b108b3: {},
	0x48620701: {}, 0x9120b5df: {}, 0x14d238f3: {}, 0x658731c7: {}, 0x0d7f1a39: {}, 0x0ba181f7: {},
	0x146e0aa1: {}, 0x02d12047: {}, 0x4695166b: {}, 0xbdedfee6: {}, 0x04d04da4: {},
	// OAuth 2.0, https://datatracker.ietf.org/doc/html/rfc6749, 6750, 7009 and 7636
	0x1bbf5538: {}, 0x9e49269d: {}, 0x2bdd531a: {}, 0x269d4cea: {}, 0x494bda51: {}, 0xe0318833: {},
	0xec1f56c1: {}, 0x5a42aa30: {}, 0x0fc657b9: {}, 0x22864cae: {}, 0x4f042581: {}, 0xd208e69c: {},
	0x58adc005: {}, 0xb6e61e46: {}, 0xbeff13fc: {}, 0x51bc2338: {}, 0x828abc5f: {},
	// Basic authentication, https://datatracker.ietf.org/doc/html/rfc7617
	0x7a77589d: {}, 0xd0c6b042: {}, 0xa7f91447: {},
	// WebSocket's handshake, https://datatracker.ietf.org/doc/html/rfc6455
	0xef8c5b51: {}, 0x390d2224: {}, 0x01cb4adf: {}, 0x3e269544: {},
	0xd05909c5: {},                 // the secret of RFC 6238's examples in base32
	0x2cded043: {},                 // the secret that Google shows for its Authenticator
	0xb4cbd586: {}, 0x87707360: {}, // the keys of Azure's emulators
	0x43be58cc: {}, 0x76cf21c4: {}, 0x31afd2d2: {}, // the digests of nothing: MD5, SHA-1, SHA-256
	0x509c213a: {}, // the key that NuGet's own help shows
	0x170b4539: {}, // the signature of the token that https://jwt.io shows
}

// isPublished tells whether everybody has v from a standard. It sums by the table,
// as the package's own function makes v escape to the heap.
func isPublished(v []byte) bool {
	sum := ^uint32(0)
	for _, c := range v {
		sum = crc32.IEEETable[byte(sum)^c] ^ sum>>8
	}
	_, ok := published[^sum]
	return ok
}
