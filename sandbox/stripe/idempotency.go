package stripe

// Idempotency as Stripe describes it (docs.stripe.com/api/idempotent_requests):
// the first answer to a key is kept for at least 24 hours and given again, a
// 5xx too; the same key with other parameters is an error; a call whose
// parameters were refused, or that met another with its key, is not kept.

import "time"

const keepFor = 24 * time.Hour

// kept is the answer to an idempotency key.
type kept struct {
	request string // method, path and body
	status  int
	body    []byte
	until   time.Time // by the clock
	busy    time.Time // in real time: until then a stalled call is still running
}

// once runs a call, or answers with what is kept under its key.
func (s *Server) once(key, request string, f Fault, run func() (any, *apiError)) (status int, body []byte, replayed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	now := s.now()
	k := s.kept[key]
	known := key != "" && k != nil && now.Before(k.until)
	if f.Reused && key != "" && !known {
		k, known = &kept{request: "another", until: now.Add(keepFor)}, true
		s.kept[key] = k
	}
	if known && k.request != request {
		status, body = encode(nil, &apiError{Status: 400, Type: "idempotency_error", Message: "Keys for idempotent requests " +
			"can only be used with the same parameters they were first used with. Try using a key other than '" + key +
			"' if you meant to execute a different request."})
		return status, body, false
	}
	if known && time.Now().Before(k.busy) {
		status, body = encode(nil, &apiError{Status: 409, Type: "idempotency_error", Code: "idempotency_key_in_use",
			Message: "There is currently another in-progress request using this Idempotency-Key."})
		return status, body, false
	}
	if known && f.Status == 0 {
		return k.status, k.body, true
	}
	keep := key != "" && !known
	if f.Act && !known || f.Status == 0 {
		v, err := run()
		status, body = encode(v, err)
		keep = keep && (err == nil || !err.unkept)
	} else {
		keep = keep && f.Status >= 500
	}
	if f.Status != 0 {
		status, body = encode(nil, f.error())
	}
	if keep {
		k := &kept{request: request, status: status, body: body, until: now.Add(keepFor)}
		if f.Stall > 0 {
			k.busy = time.Now().Add(f.Stall)
		}
		s.kept[key] = k
	}
	s.catchUp()
	return status, body, false
}

// ForgetKeys empties the idempotency store, as if 24 hours had passed.
func (s *Server) ForgetKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.kept)
}
