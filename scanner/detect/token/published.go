package token

import "hash/crc32"

// published are keys that everybody has: those of emulators and of local
// development. They stand here as CRC-32 of what follows the prefix, so that the
// source holds no key.
var published = [...]uint32{
	0xb4cbd586, // Azurite: https://learn.microsoft.com/en-us/azure/storage/common/storage-use-azurite
	0x87707360, // Cosmos DB emulator: https://learn.microsoft.com/en-us/azure/cosmos-db/emulator
	0x546659eb, // Supabase CLI's local stack: https://supabase.com/docs/guides/local-development
	0xeb4ff73b, // PagerDuty's API reference: https://developer.pagerduty.com/api-reference/
}

func isPublished(body []byte) bool {
	sum := crc32.ChecksumIEEE(body)
	for _, p := range published {
		if p == sum {
			return true
		}
	}
	return false
}
