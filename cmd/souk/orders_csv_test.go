package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestOrdersFromSpreadsheets(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		aMug(t, db)
		for n := int64(10_000_001); n <= 10_000_003; n++ {
			paidOrder(t, db, n)
		}
		file := filepath.Join(t.TempDir(), "shipments.csv")
		run := func(c ordersCmd, want ...string) {
			t.Helper()
			var out strings.Builder
			err := c.run(t.Context(), db, time.UTC, &out)
			text := out.String()
			if err != nil {
				text += "error: " + err.Error()
			}
			for _, w := range want {
				if no, not := strings.CutPrefix(w, "!"); strings.Contains(text, strings.TrimPrefix(w, "!")) == not {
					t.Errorf("%+v: %q in\n%s", c, no, text)
				}
			}
		}
		write := func(text string) {
			t.Helper()
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		count := func(query string) (n int) {
			t.Helper()
			if err := db.Read(t.Context(), func(tx *database.Tx) error { return tx.Row(query).Scan(&n) }); err != nil {
				t.Fatal(err)
			}
			return n
		}
		run(ordersCmd{Do: "picklist"}, "brand,sku,product,variant,quantity,orders", "acme,MUG-1,Mug,,6,")
		write("\ufeffBestellnummer;Sendungsnummer;SKU;Menge\r\n'10000001;'0034;MUG-1;1\r\n10000002;1Z99;;\r\n4711;X;;\r\n")
		in := ordersCmd{Do: "import", Order: file}
		dry := in
		dry.DryRun = true
		run(dry, "line 2: order 10000001, MUG-1: would be sent", "line 3: order 10000002: would be sent", "line 4: order 4711: there is no such order", "dry run", "error: 1 of 3 rows need a look")
		if n := count(`SELECT COUNT(*) FROM parcels`); n != 0 {
			t.Errorf("a dry run made %d parcels", n)
		}

		// Two at once, and then again: once.
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				var out strings.Builder
				c := in
				_ = c.run(t.Context(), db, time.UTC, &out)
				if strings.Contains(out.String(), "could not be done") {
					t.Error(out.String())
				}
			})
		}
		both.Wait()
		run(in, "line 2: order 10000001, MUG-1: was sent before with this tracking", "line 3: order 10000002: was sent before")
		if parcels, shipped, told := count(`SELECT COUNT(*) FROM parcels`), count(`SELECT SUM(shipped) FROM fulfilments`), count(`SELECT COUNT(*) FROM notices`); parcels != 2 || shipped != 3 || told != 2 {
			t.Errorf("%d parcels with %d units, told %d times", parcels, shipped, told)
		}
		// The other mug of the first order, then what cannot be.
		write("10000001,T2\n10000002,OTHER\n10000003,T3,CUP\n10000003,\n")
		run(in, "line 1: order 10000001: sent, the buyer is told", "line 2: order 10000002: cannot be sent", "line 3: order 10000003, CUP: the order has no such SKU", "line 4: order 10000003: no tracking: left alone")
		if n := count(`SELECT COUNT(*) FROM parcels WHERE tracking = 'OTHER'`); n != 0 {
			t.Error("an import changed what was sent")
		}
		write("name,city\nAnn,Berlin\n")
		run(in, "error: "+file+": the first line names the columns")
		run(ordersCmd{Do: "import"}, "error: which file?")
		run(ordersCmd{Do: "list", CSV: true}, "0034 T2", ",2,2,0,MUG-1,")
	})
}
