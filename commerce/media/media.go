// Package media keeps the pictures of products, picks and creators: stored by
// their SHA-256 in a directory, fetched in the background, drawn as a plain
// tile with a title where there is none.
//
// It knows no product: others name a picture by its source and ask for it with
// Want. It never fetches while a member waits. Start at Media.URL to show a
// picture, at Media.Fetch to see where they come from.
package media
