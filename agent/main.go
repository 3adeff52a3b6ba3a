// Command kinglet runs quantized neural networks on small boards and looks after them:
// the daemon, the publisher and the workshop are one binary.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long a command may take to end after it was told to; it then ends at
// once, as it does on a second signal.
const grace = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, func() {
		stop()
		time.AfterFunc(grace, func() {
			fmt.Fprintln(os.Stderr, "kinglet: not ended in time")
			os.Exit(exitFailed)
		})
	})
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	os.Exit(code)
}
