package preview

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// changed says that a chat looks different; an empty Chat means that anything
// on the platform may.
type changed struct {
	Platform string `json:"platform"`
	Chat     string `json:"chat,omitempty"`
}

// news tells every open page what has changed, as server-sent events. A page
// that reads slowly is told of each chat once, however often it changed.
type news struct {
	done chan struct{}

	mu      sync.Mutex
	readers map[*reader]bool
	cancels []func()
	closed  bool
}

type reader struct {
	due  []changed
	wake chan struct{}
}

// quiet is how often a stream without news shows that it is alive, so that
// nothing on the way takes it for dead.
const quiet = 20 * time.Second

func newNews() *news { return &news{done: make(chan struct{}), readers: map[*reader]bool{}} }

func (n *news) onClose(cancel func()) { n.cancels = append(n.cancels, cancel) }

func (n *news) close() {
	n.mu.Lock()
	first := !n.closed
	n.closed = true
	n.mu.Unlock()
	if !first {
		return
	}
	close(n.done)
	for _, cancel := range n.cancels {
		cancel()
	}
}

// tell never blocks: it is called by a stand-in at work.
func (n *news) tell(c changed) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for r := range n.readers {
		r.add(c)
	}
}

func (r *reader) add(c changed) {
	for _, d := range r.due {
		if d == c {
			return
		}
	}
	r.due = append(r.due, c)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (n *news) take(r *reader) []changed {
	n.mu.Lock()
	defer n.mu.Unlock()
	due := r.due
	r.due = nil
	return due
}

func (n *news) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r := &reader{wake: make(chan struct{}, 1)}
	n.mu.Lock()
	n.readers[r] = true
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		delete(n.readers, r)
		n.mu.Unlock()
	}()
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // a stream outlives the server's own limit
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	fmt.Fprint(w, "retry: 1000\n\n")
	if out.Flush() != nil {
		return
	}
	tick := time.NewTicker(quiet)
	defer tick.Stop()
	for {
		select {
		case <-req.Context().Done():
			return
		case <-n.done:
			return
		case <-tick.C:
			fmt.Fprint(w, ": quiet\n\n")
		case <-r.wake:
			for _, c := range n.take(r) {
				data, _ := json.Marshal(c) // two strings
				fmt.Fprintf(w, "event: change\ndata: %s\n\n", data)
			}
		}
		if out.Flush() != nil {
			return
		}
	}
}
