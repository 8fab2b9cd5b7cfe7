package commerce

// Page is one screenful of a longer list. Next is the cursor that continues
// it, empty at the end: opaque to callers, at most 24 letters and digits, so
// that it fits a button, and stable while the list grows at its head.
type Page[T any] struct {
	Items []T
	Next  string
}
