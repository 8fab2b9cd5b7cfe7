package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/soukchat/souk/commerce/drops"
)

// verifyCmd is `souk verify`.
type verifyCmd struct {
	Files []string `arg:"" name:"file" help:"A proof, a published list, or both." type:"path"`
	Seen  string   `help:"What the group was shown: any text with the two long numbers in it." placeholder:"TEXT"`
	Order bool     `help:"Print everybody's place. It needs the list."`
}

// Help is the manual.
func (verifyCmd) Help() string {
	return `Checks the draw of a group drop, without asking anybody on the network:

  souk verify proof.json
  souk verify proof.json list.txt
  souk verify list.txt --order

A proof is what one entrant has: alone it shows that they are in the list, and
after the draw that their score is right. With the list that the shop published
it shows their place too. A list alone shows that the order follows from the seed.

--seen takes what the group was shown before the window closed and at the close,
copied from its messages. Without it the two values are printed, to be compared
by eye: a shop could show each entrant a draw of their own.

  ok    is right
  FAIL  is wrong, and what it means
  note  cannot be known from these files

The exit code is 0 where nothing is wrong, 1 where something is, 2 where the
command line cannot be read. docs/fair-draws.md is the method, and
docs/fair-draws.html checks the same in a browser.`
}

// largest is how much of a file is read: a list of a million entries.
const largest = 80 << 20

// Run checks the files and prints a line for each check.
func (c *verifyCmd) Run(e *environment) error {
	var proof *drops.Proof
	var list *drops.ListFile
	for _, name := range c.Files {
		text, err := readUpTo(name, largest)
		if err != nil {
			return err
		}
		if strings.HasPrefix(strings.TrimPrefix(text, "\ufeff"), "{") {
			p, err := drops.ReadProof(text)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if proof != nil {
				return errors.New("these are two proofs: give one, and its list")
			}
			proof = &p
		} else {
			l, err := drops.ReadList(text)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if list != nil {
				return errors.New("these are two lists: give one, and a proof")
			}
			list = &l
		}
	}
	var found []drops.Finding
	var order []drops.Ticket
	units := 0
	if list != nil {
		found, order = list.Check()
		units = list.Units
	}
	if proof != nil {
		found = append(proof.Check(list), drops.CheckSeen(proof.Commitment, proof.ListHash, c.Seen)...)
	} else {
		found = append(found, drops.CheckSeen(list.Commitment, list.Hash(), c.Seen)...)
	}
	wrong := sayFindings(e.stdout, found)
	switch {
	case c.Order && order == nil:
		return errors.New("there is no order to print: it needs a list that was drawn, with its seed")
	case c.Order:
		for i, t := range order {
			fmt.Fprintf(e.stdout, "%d\t%s\ttier %d%s\n", i+1, t.ID, t.Tier, map[bool]string{true: "\twins"}[i < units])
		}
	}
	if wrong {
		fmt.Fprintln(e.stdout, "Something is wrong. Ask the shop about the lines that say FAIL.")
		return errUnwell
	}
	fmt.Fprintln(e.stdout, "Nothing is wrong.")
	return nil
}

func sayFindings(out io.Writer, found []drops.Finding) (wrong bool) {
	for _, f := range found {
		mark := map[drops.Verdict]string{drops.Right: "ok  ", drops.Wrong: "FAIL", drops.Unknown: "note"}[f.Verdict]
		fmt.Fprintf(out, "%s  %s: %s\n", mark, f.What, oneClean(f.Text))
		wrong = wrong || f.Verdict == drops.Wrong
	}
	return wrong
}

// oneClean keeps a file of others from writing to the terminal's controls.
func oneClean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

func readUpTo(name string, most int64) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s is larger than %d MB", name, most>>20)
	}
	return string(data), err
}
