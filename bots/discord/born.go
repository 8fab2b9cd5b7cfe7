package discord

import (
	"strconv"
	"time"
)

// epoch is when Discord's ids begin to count, in milliseconds.
const epoch = 1_420_070_400_000

// Born tells when an account was made, which its id says; false where it is none.
func Born(account string) (time.Time, bool) {
	n, err := strconv.ParseUint(account, 10, 64)
	if err != nil || !isSnowflake(account) {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(n>>22) + epoch).UTC(), true
}
