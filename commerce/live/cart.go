package live

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
)

// The largest cart: beyond it a change is cut off at the limit.
const (
	MaxQuantity = 99 // of one variant
	MaxLines    = 50 // different variants
)

// CartLine is one variant in a cart, as stored. The rules of a cart are in
// commerce/carts.
type CartLine struct {
	Variant  commerce.VariantID
	Quantity int64
	Pick     commerce.PickID    // the pick it came from
	Creator  commerce.CreatorID // whose pick that is
	Seen     commerce.Money     // the unit price the member was shown
	At       int64              // when it was first added; milliseconds
}

// pack writes a line as it is stored under its variant:
// quantity|amount|currency|at|pick|creator. Ids hold no bar. Every tap reads
// all lines, so they are not JSON.
func (l CartLine) pack() string {
	b := make([]byte, 0, 64)
	b = append(strconv.AppendInt(b, l.Quantity, 10), '|')
	b = append(append(b, packMoney(l.Seen)...), '|')
	b = append(strconv.AppendInt(b, l.At, 10), '|')
	b = append(append(b, unbarred(string(l.Pick))...), '|')
	return string(append(b, unbarred(string(l.Creator))...))
}

func packMoney(m commerce.Money) string {
	return strconv.FormatInt(m.Amount, 10) + "|" + unbarred(m.Currency)
}

func unbarred(s string) string { return strings.ReplaceAll(s, "|", "") }

// unpack reads what pack wrote; ok is false for anything else.
func unpack(variant, s string) (l CartLine, ok bool) {
	var parts [6]string
	for i := range parts[:5] {
		if parts[i], s, ok = strings.Cut(s, "|"); !ok {
			return l, false
		}
	}
	parts[5] = s
	l = CartLine{Variant: commerce.VariantID(variant), Pick: commerce.PickID(parts[4]), Creator: commerce.CreatorID(parts[5])}
	l.Seen.Currency = parts[2]
	for i, to := range map[int]*int64{0: &l.Quantity, 1: &l.Seen.Amount, 3: &l.At} {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return l, false
		}
		*to = n
	}
	return l, true
}

// change makes one change to a cart and returns the whole cart.
// KEYS[1] done, KEYS[2] cart. ARGV[1] TTL of done in seconds, ARGV[2] TTL of
// the cart in seconds, ARGV[3] what: add, set, take, price, clear, ARGV[4] variant,
// ARGV[5] line as packed (add), quantity (set, take), seen price as packed (price),
// ARGV[6] most of a variant, ARGV[7] most lines.
// Returns {variant, line, …}; the same after a repeat, which changes nothing.
var change = redis.NewScript(`
local function read(s)
  local q, seen, at, from = string.match(s or '', '^(%d+)|([^|]*|[^|]*)|(%d+)|(.*)$')
  if q then return {q = tonumber(q), seen = seen, at = at, from = from} end
end
if redis.call('SET', KEYS[1], '1', 'EX', ARGV[1], 'NX') then
  local what, v = ARGV[3], ARGV[4]
  local old = redis.call('HGET', KEYS[2], v)
  local was, line = read(old)
  if what == 'clear' then
    redis.call('DEL', KEYS[2])
  elseif what == 'add' then
    if old or redis.call('HLEN', KEYS[2]) < tonumber(ARGV[7]) then
      line = read(ARGV[5])
      if was then line.q, line.at = line.q + was.q, was.at end
    end
  elseif was then
    line = was
    if what == 'set' then line.q = tonumber(ARGV[5])
    elseif what == 'take' then line.q = line.q - tonumber(ARGV[5])
    elseif what == 'price' then line.seen = ARGV[5] end
  end
  if line and line.q <= 0 then
    redis.call('HDEL', KEYS[2], v)
  elseif line then
    line.q = math.min(line.q, tonumber(ARGV[6]))
    redis.call('HSET', KEYS[2], v, string.format('%.0f|%s|%s|%s', line.q, line.seen, line.at, line.from))
  end
  redis.call('EXPIRE', KEYS[2], ARGV[2])
end
return redis.call('HGETALL', KEYS[2])
`)

// AddToCart adds the line's quantity to what is there of its variant; the
// line's pick, creator and price replace the earlier ones. The request id
// makes a repeat harmless.
func (l *Live) AddToCart(ctx context.Context, m commerce.MemberID, request string, line CartLine) ([]CartLine, error) {
	line.At = l.clock.Now().UnixMilli()
	return l.change(ctx, m, request, "add", line.Variant, line.pack())
}

// SetQuantity sets how many of a variant are in the cart; 0 removes it. A
// variant that is not in the cart stays out.
func (l *Live) SetQuantity(ctx context.Context, m commerce.MemberID, request string, v commerce.VariantID, n int64) ([]CartLine, error) {
	return l.change(ctx, m, request, "set", v, n)
}

// TakeFromCart takes so many of a variant out of the cart: they were bought.
func (l *Live) TakeFromCart(ctx context.Context, m commerce.MemberID, request string, v commerce.VariantID, n int64) ([]CartLine, error) {
	return l.change(ctx, m, request, "take", v, n)
}

// AcceptPrices records the unit prices the member has now been shown.
func (l *Live) AcceptPrices(ctx context.Context, m commerce.MemberID, request string, seen map[commerce.VariantID]commerce.Money) (cart []CartLine, err error) {
	for v, price := range seen {
		if cart, err = l.change(ctx, m, request+":"+string(v), "price", v, packMoney(price)); err != nil {
			return nil, err
		}
	}
	return cart, nil
}

// ClearCart empties the cart.
func (l *Live) ClearCart(ctx context.Context, m commerce.MemberID, request string) error {
	_, err := l.change(ctx, m, request, "clear", "", "")
	return err
}

// Cart reads the cart alone.
func (l *Live) Cart(ctx context.Context, m commerce.MemberID) ([]CartLine, error) {
	fields, err := l.client.HGetAll(ctx, cartKey(m)).Result()
	if err != nil {
		return nil, unavailable(err)
	}
	flat := make([]any, 0, 2*len(fields))
	for k, v := range fields {
		flat = append(flat, k, v)
	}
	return readCart(flat)
}

// MergeCarts moves what is in the cart of gone into the cart of keep, when two
// accounts turn out to be one person.
func (l *Live) MergeCarts(ctx context.Context, keep, gone commerce.MemberID) error {
	lines, err := l.Cart(ctx, gone)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := l.change(ctx, keep, "merge:"+string(gone)+":"+string(line.Variant), "add", line.Variant, line.pack()); err != nil {
			return err
		}
	}
	if err := l.mergeTapped(ctx, keep, gone); err != nil {
		return err
	}
	return unavailable(l.client.Del(ctx, cartKey(gone)).Err())
}

func (l *Live) change(ctx context.Context, m commerce.MemberID, request, what string, v commerce.VariantID, arg any) ([]CartLine, error) {
	if request == "" {
		return nil, errors.New("live: a change needs a request id")
	}
	keys := []string{doneKey(m, request), cartKey(m)}
	reply, err := change.Run(ctx, l.script, keys,
		int(doneTTL.Seconds()), int(cartTTL.Seconds()), what, string(v), arg, MaxQuantity, MaxLines).Result()
	if err != nil {
		return nil, unavailable(err)
	}
	return readCart(reply)
}
