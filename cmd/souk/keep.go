//go:build keep

package main

import (
	_ "github.com/alecthomas/kong"
	_ "github.com/alicebob/miniredis/v2"
	_ "github.com/bojanz/currency"
	_ "github.com/bwmarrin/discordgo"
	_ "github.com/cenkalti/backoff/v5"
	_ "github.com/fsnotify/fsnotify"
	_ "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	_ "github.com/goccy/go-yaml"
	_ "github.com/goccy/go-yaml/ast"
	_ "github.com/gofiber/fiber/v2"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/google/uuid"
	_ "github.com/invopop/jsonschema"
	_ "github.com/microcosm-cc/bluemonday"
	_ "github.com/nicksnyder/go-i18n/v2/i18n"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/redis/go-redis/v9"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/santhosh-tekuri/jsonschema/v6"
	_ "github.com/sony/gobreaker/v2"
	_ "github.com/stripe/stripe-go/v76"
	_ "golang.org/x/image/font"
	_ "golang.org/x/net/html"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/sync/singleflight"
	_ "golang.org/x/text/language"
	_ "golang.org/x/time/rate"
	_ "pgregory.net/rapid"
)
