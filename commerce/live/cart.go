package live

import (
	"context"
	"encoding/json"
	"errors"

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
	Variant  commerce.VariantID `json:"v"`
	Quantity int64              `json:"q"`
	Pick     commerce.PickID    `json:"p,omitempty"` // the pick it came from
	Creator  commerce.CreatorID `json:"c,omitempty"` // whose pick that is
	Seen     commerce.Money     `json:"s"`           // the unit price the member was shown
	At       int64              `json:"t"`           // when it was first added; milliseconds, as Redis's Lua writes 14 digits
}

// change makes one change to a cart and returns the whole cart.
// KEYS[1] done, KEYS[2] cart. ARGV[1] TTL of done in seconds, ARGV[2] TTL of
// the cart in seconds, ARGV[3] what: add, set, take, price, clear, ARGV[4] variant,
// ARGV[5] line as JSON (add), quantity (set, take), seen price as JSON (price),
// ARGV[6] most of a variant, ARGV[7] most lines.
// Returns {variant, line, …}; the same after a repeat, which changes nothing.
var change = redis.NewScript(`
if redis.call('SET', KEYS[1], '1', 'EX', ARGV[1], 'NX') then
  local what, v = ARGV[3], ARGV[4]
  local old = redis.call('HGET', KEYS[2], v)
  local most = tonumber(ARGV[6])
  if what == 'clear' then
    redis.call('DEL', KEYS[2])
  elseif what == 'add' then
    local line = cjson.decode(ARGV[5])
    if old then
      local was = cjson.decode(old)
      line.q = line.q + was.q
      line.t = was.t
    end
    if line.q > most then line.q = most end
    if old or redis.call('HLEN', KEYS[2]) < tonumber(ARGV[7]) then
      redis.call('HSET', KEYS[2], v, cjson.encode(line))
    end
  elseif old and (what == 'set' or what == 'take') then
    local line = cjson.decode(old)
    if what == 'set' then line.q = tonumber(ARGV[5]) else line.q = line.q - tonumber(ARGV[5]) end
    if line.q > most then line.q = most end
    if line.q <= 0 then redis.call('HDEL', KEYS[2], v) else redis.call('HSET', KEYS[2], v, cjson.encode(line)) end
  elseif old and what == 'price' then
    local line = cjson.decode(old)
    line.s = cjson.decode(ARGV[5])
    redis.call('HSET', KEYS[2], v, cjson.encode(line))
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
	data, err := json.Marshal(line)
	if err != nil {
		return nil, err
	}
	return l.change(ctx, m, request, "add", line.Variant, string(data))
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
		data, err := json.Marshal(price)
		if err != nil {
			return nil, err
		}
		if cart, err = l.change(ctx, m, request+":"+string(v), "price", v, string(data)); err != nil {
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
		data, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := l.change(ctx, keep, "merge:"+string(gone)+":"+string(line.Variant), "add", line.Variant, string(data)); err != nil {
			return err
		}
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
