package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"time"
)

// chatter writes numbered lines, CHATTER of them a second, until ctx ends: for
// looks at logs that are written fast.
func (a *app) chatter(ctx context.Context, to io.Writer) error {
	rate, err := strconv.Atoi(a.env("CHATTER"))
	if err != nil || rate <= 0 {
		return nil //nolint:nilerr // not asked for
	}
	out := bufio.NewWriter(to)
	begin, n := time.Now(), 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		for due := int(time.Since(begin).Seconds() * float64(rate)); n < due; n++ {
			fmt.Fprintf(out, "chatter %d\n", n+1) //nolint:errcheck // Flush tells
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}
