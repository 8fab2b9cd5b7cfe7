package discord

import (
	"encoding/json"
	"net/http"
)

// check holds a JSON value to the shape of this name. (Shapes follow.)
func check(shape string, raw []byte) error {
	if !json.Valid(raw) {
		return refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	}
	return nil
}

// decode checks a JSON value and reads it into v.
func decode(shape string, raw []byte, v any) error {
	if err := check(shape, raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")
	}
	return nil
}
