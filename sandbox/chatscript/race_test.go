//go:build race

package chatscript

const raced = true
