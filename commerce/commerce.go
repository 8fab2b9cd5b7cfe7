// Package commerce holds the words that every part of the shop shares: money,
// ids, error kinds, the clock, secrets and pages.
//
// It knows no part, no database, no chat and no wire; the parts live in the
// directories below it, and each of them may import this package. Start at
// Money if you are about to handle an amount, at Error if something can fail.
package commerce
