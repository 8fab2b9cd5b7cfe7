package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukchat/souk/sandbox/preview/browsertest"
)

// drawFiles writes the list and the proof of docs/fair-draws.md to files.
func drawFiles(t *testing.T) (list, proof string) {
	t.Helper()
	doc, err := os.ReadFile("../../docs/fair-draws.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range fence.FindAllStringSubmatch(string(doc), -1) {
		switch block[1] {
		case "text":
			list = block[2]
		case "json":
			proof = block[2]
		}
	}
	if list == "" || proof == "" {
		t.Fatal("docs/fair-draws.md has no example")
	}
	return list, proof
}

func TestVerify(t *testing.T) {
	list, proof := drawFiles(t)
	const commitment = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
	const hash = "181428aa4d33b63bedcf53294bce8be16bfe5249989ddc4cace48a835866d8ee"
	closed, _, _ := strings.Cut(list, "\nseed: ")
	early := proof[:strings.Index(proof, ",\n  \"seed\"")] + "\n}\n"
	dir := t.TempDir()
	for name, text := range map[string]string{"list": list, "proof": proof, "closed": closed, "early": early,
		"seed": strings.Replace(proof, `"seed": "00`, `"seed": "01`, 1), "place": strings.Replace(proof, `"place": 2`, `"place": 1`, 1),
		"entry": strings.Replace(list, "27a1", "27a0", 1), "controls": strings.Replace(proof, "telegram", `\u001b[2J`, 1),
		"unit": strings.Replace(list, "units: 2", "units: 3", 1), "nothing": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args string
		code int
		want []string
	}{
		{"proof", 0, []string{"ok    ticket", "ok    entry", "ok    seed", "note  beacon", "ok    score", "note  place: 2 of 5", "note  in the group", commitment, hash, "Nothing is wrong."}},
		{"proof list", 0, []string{"ok    place: 2 of 5. One of the 2 units is yours", "ok    same draw"}},
		{"list proof", 0, []string{"ok    place: 2 of 5"}},
		{"proof closed", 0, []string{"ok    place: 2 of 5"}},
		{"early", 0, []string{"ok    entry", "not drawn yet"}},
		{"early list", 0, []string{"ask the shop for your new proof"}},
		{"list --order", 0, []string{"ok    root", "1\tff001a1c", "tier 0\twins", "5\t27a1e602"}},
		{"closed", 0, []string{"not drawn yet"}},
		{"closed --order", 1, []string{"there is no order to print"}},
		{"proof list --seen " + commitment + "-" + hash, 0, []string{"ok    in the group: the commitment", "ok    in the group: the list hash"}},
		{"list --seen " + commitment, 1, []string{"FAIL  in the group: the list hash"}},
		{"seed", 1, []string{"FAIL  seed: the seed is not the one", "Something is wrong"}},
		{"place list", 1, []string{"FAIL  place: it is 2 of 5 and not 1"}},
		{"proof entry", 1, []string{"FAIL  root: the entries do not lead", "FAIL  same draw"}},
		{"proof unit", 1, []string{"FAIL  same draw"}},
		{"controls", 1, []string{"FAIL  proof: it is not well formed"}},
		{"proof early", 1, []string{"two proofs"}},
		{"list closed", 1, []string{"two lists"}},
		{"nothing", 1, []string{"no list of souk-draw/1"}},
		{"absent", 1, []string{"no such file"}},
		{"", 2, []string{"expected"}},
	} {
		args := []string{"verify"}
		for i, arg := range strings.Fields(c.args) {
			if _, err := os.Stat(filepath.Join(dir, arg)); err == nil || arg == "absent" && i == 0 {
				arg = filepath.Join(dir, arg)
			}
			args = append(args, strings.Replace(arg, "-"+hash, " and "+hash, 1))
		}
		code, out, errs := souk(t, args...)
		if code != c.code {
			t.Errorf("souk verify %s: %d\n%s%s", c.args, code, out, errs)
		}
		for _, want := range c.want {
			if !strings.Contains(out+errs, want) {
				t.Errorf("souk verify %s does not say %q:\n%s%s", c.args, want, out, errs)
			}
		}
		if strings.Contains(out+errs, "\x1b") {
			t.Errorf("souk verify %s writes to the terminal's controls", c.args)
		}
	}
}

// TestVerifyInTheBrowser gives the page the files that souk verify gets, right
// and changed, and wants the same lines from both.
func TestVerifyInTheBrowser(t *testing.T) {
	list, proof := drawFiles(t)
	closed, _, _ := strings.Cut(list, "\nseed: ")
	early := proof[:strings.Index(proof, ",\n  \"seed\"")] + "\n}\n"
	cases := map[string][3]string{"both": {proof, list, ""}, "proof": {proof, "", ""}, "list": {"", list, ""}, "early": {early, closed, ""},
		"seen":     {proof, list, "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd 181428aa4d33b63bedcf53294bce8be16bfe5249989ddc4cace48a835866d8ee"},
		"not seen": {proof, list, "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"}}
	for name, change := range map[string][2]string{"seed": {`"seed": "00`, `"seed": "01`}, "value": {`"beacon_value": "5a`, `"beacon_value": "5b`},
		"place": {`"place": 2`, `"place": 4`}, "beyond": {`"place": 2`, `"place": 6`}, "tier": {`"tier": 1`, `"tier": 0`}, "who": {"Dörte", "Doerte"},
		"index": {`"index": 2`, `"index": 3`}, "path": {"ff31", "ff30"}, "units": {`"units": 2`, `"units": 3`}, "no value": {`"beacon_value": "` + strings.Repeat("5a", 32) + `",`, ""},
		"title": {"Spring c", "Sprint c"}, "salt": {strings.Repeat("d", 26), "ddd"}, "score": {`"score": "10`, `"score": "11`}} {
		changed := strings.Replace(proof, change[0], change[1], 1)
		cases["proof's "+name], cases["lone proof's "+name] = [3]string{changed, list, ""}, [3]string{changed, "", ""}
	}
	for name, change := range map[string][2]string{"seed": {"seed: 00", "seed: 01"}, "value": {"value: 5a", "value: 5b"}, "entry": {"27a1", "27a0"},
		"root": {"root: 69", "root: 68"}, "entries": {"entries: 5", "entries: 6"}, "units": {"units: 2", "units: 1"}, "beacon": {"round 31337", "round 31338"}} {
		changed := strings.Replace(list, change[0], change[1], 1)
		cases["list's "+name], cases["lone list's "+name] = [3]string{proof, changed, ""}, [3]string{"", changed, ""}
	}
	pages := httptest.NewServer(http.FileServer(http.Dir("../../docs")))
	defer pages.Close()
	b := browsertest.Open(t, pages.URL+"/fair-draws.html", browsertest.Wide)
	dir := t.TempDir()
	keep := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range cases {
		args := []string{"verify", "--seen", c[2]}
		for i, file := range []string{"proof.json", "list.txt"} {
			if c[i] != "" {
				args = append(args, keep(file, c[i]))
			}
		}
		_, out, errs := souk(t, args...)
		given, _ := json.Marshal(c)
		page := b.Eval(`checkAll(...` + string(given) + `).found.map(([m, w, t]) => m.padEnd(4) + '  ' + w + ': ' + t).join('\n')`)
		if lines, _, _ := strings.Cut(out, "\nNothing is wrong."); errs == "" && page != strings.TrimSuffix(lines, "\nSomething is wrong. Ask the shop about the lines that say FAIL.\n") {
			t.Errorf("%s: the page says\n%s\nand souk verify\n%s", name, page, out)
		} else if errs != "" {
			t.Errorf("%s: %s", name, errs)
		}
	}
	for name, text := range map[string]string{"no list": "souk-draw/2", "a line out of order": strings.Replace(list, "\n3ed5", "\n1ed5", 1), "a zero": strings.Replace(list, "units: 2", "units: 02", 1)} {
		given, _ := json.Marshal(text)
		if b.Eval(`checkAll('', `+string(given)+`, '').found.every((f) => f[0] === 'FAIL')`) != "true" {
			t.Errorf("the page reads %s", name)
		}
	}
	// Lengths about the block's of 64 bytes, where padding goes wrong.
	for n := range 130 {
		text := strings.Repeat("x", n)
		if want := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); b.Eval(`hash('x'.repeat(`+fmt.Sprint(n)+`))`) != want {
			t.Errorf("the page's sha256 of %d bytes is another", n)
		}
	}
	proofFile, listFile := keep("proof.json", proof), keep("list.txt", list)
	for name, screen := range map[string]browsertest.Screen{"wide": browsertest.Wide, "wide-dark": browsertest.Wide.InDark(), "phone": browsertest.Phone, "phone-dark": browsertest.Phone.InDark()} {
		b := browsertest.Open(t, pages.URL+"/fair-draws.html", screen)
		b.See("", "Nothing to check yet.")
		b.Keep("draw-empty-" + name)
		b.Attach("Choose your files", proofFile)
		b.See("", "give the published list too")
		b.Attach("Choose your files", listFile)
		b.See("", "2 of 5. One of the 2 units is yours")
		b.See("", "Nothing is wrong.")
		if b.Eval("document.documentElement.scrollWidth <= innerWidth") != "true" {
			t.Errorf("%s: the page is wider than the screen", name)
		}
		b.Eval("document.querySelector('details').open = true")
		b.Eval("scrollTo(0, document.body.scrollHeight)")
		b.Keep("draw-right-" + name)
		b.Type("", "What the group was shown", "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd")
		b.See("", "is not among what was shown there")
		b.See("", "Something is wrong.")
		b.Eval("document.getElementById('verdict').scrollIntoView()")
		b.Keep("draw-wrong-" + name)
	}
}
