package stripe

import "time"

// This file imitates manual capture: an intent whose card is authorised first
// (requires_capture) and charged later, for all of it or a part, once. What is
// not captured within seven days expires; what is left of a part is released.

// authorisationLife is how long an authorisation of a card lasts here.
const authorisationLife = 7 * 24 * time.Hour

func (i *intent) manual() bool { return i.CaptureMethod == "manual" }

// authorise keeps the amount of an intent on its card.
func (s *Server) authorise(i *intent, m *method) {
	ch := s.newCharge(i, m)
	ch.Status, ch.Paid = "succeeded", true
	i.Status, i.Capturable, i.LatestCharge, i.LastError, i.NextAction = "requires_capture", i.Amount, &ch.ID, nil, nil
	i.PaymentMethod, i.held = &m.ID, ch
	if i.SetupFutureUsage != nil && i.Customer != nil {
		m.Customer, m.kept = i.Customer, true
	}
	s.emit("charge.succeeded", ch)
	s.emit("payment_intent.amount_capturable_updated", i)
	s.after(authorisationLife, func() { s.loseAuthorisation(i) })
}

// loseAuthorisation is an authorisation that expires, or that the bank takes back.
func (s *Server) loseAuthorisation(i *intent) {
	if i.Status == "requires_capture" {
		s.cancel(i, "automatic")
	}
}

// Lose has the banks take back what is authorised for an order.
func (s *Server) Lose(order string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	for _, i := range s.intents.all {
		if i.order == order {
			s.loseAuthorisation(i)
		}
	}
}

// Authorised returns what is authorised for an order and not captured, in
// Stripe's units; of all orders where it is empty.
func (s *Server) Authorised(order string) (sum int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	for _, i := range s.intents.all {
		if i.Status == "requires_capture" && (order == "" || i.order == order) {
			sum += i.Capturable
		}
	}
	return sum
}

func (s *Server) captureIntent(c *call) (any, *apiError) {
	i, err := s.intent(c)
	if err != nil {
		return nil, err
	}
	if i.Status != "requires_capture" {
		return nil, s.state(i, "capture")
	}
	amount := i.Capturable
	if c.has("amount_to_capture") {
		amount = c.int("amount_to_capture")
	}
	if amount < 1 || amount > i.Capturable {
		return nil, invalid("amount_to_capture", "The amount to capture must be from 1 to %d", i.Capturable)
	}
	s.takeHeld(i, amount)
	return i, nil
}

// ByHand has somebody capture in Stripe's dashboard what is authorised for an
// order. It reports whether there was anything.
func (s *Server) ByHand(order string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	for _, i := range s.intents.all {
		if i.order == order && i.Status == "requires_capture" {
			s.takeHeld(i, i.Capturable)
			return true
		}
	}
	return false
}

func (s *Server) takeHeld(i *intent, amount int64) {
	ch := i.held
	ch.Captured, ch.AmountCaptured = true, amount
	ch.Txn = new(s.book(movement{typ: "charge", amount: amount, fee: chargeFee(amount, ch.Currency), currency: ch.Currency, source: ch}))
	i.Status, i.AmountReceived, i.Capturable = "succeeded", amount, 0
	for _, x := range s.sessions.all {
		if x.intent == i {
			x.PaymentStatus = "paid"
		}
	}
	s.emit("charge.captured", ch)
	s.emit("payment_intent.succeeded", i)
}
