package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/run"
	"github.com/warmlyyours/hwdeploy/internal/vault"
)

func (a *app) secretsCommand() *cobra.Command {
	return group("secrets", "The secrets files and password managers", a.secretsPrint(), a.secretsFetch(), a.secretsExtract())
}

func (a *app) secretsPrint() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "print", Short: "Print every secret, in the clear", Args: cobra.NoArgs}
	g.bind(c, true)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, _, stop := a.interrupts(cmd.Context())
		defer stop()
		w := g.in(a, cmd)
		cfg, err := w.load(ctx)
		if err != nil {
			return err
		}
		text, err := w.vault(cfg).Print(ctx)
		return a.clear(text, err)
	}
	return c
}

func (a *app) secretsFetch() *cobra.Command {
	g, o := &globals{}, vault.FetchOptions{}
	c := &cobra.Command{Use: "fetch NAME...", Short: "Fetch secrets from a password manager, as one line of JSON"}
	g.bind(c, true)
	c.Flags().StringVarP(&o.Adapter, "adapter", "a", "", "which password manager (required)")
	c.Flags().StringVar(&o.Account, "account", "", "account")
	c.Flags().StringVar(&o.From, "from", "", "prefix of the names: vault, folder, project")
	inline(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, _, stop := a.interrupts(cmd.Context())
		defer stop()
		o.Names = args
		text, err := a.fetch(ctx, o)
		return a.clear(text+"\n", err)
	}
	return c
}

func (a *app) fetch(ctx context.Context, o vault.FetchOptions) (string, error) {
	v := vault.New(vault.Options{Dir: a.dir, Environ: a.environ, Runner: run.Local{}, Stdin: a.stdin, Stderr: a.stderr})
	return v.Fetch(ctx, o)
}

func (a *app) secretsExtract() *cobra.Command {
	g := &globals{}
	c := &cobra.Command{Use: "extract NAME JSON", Short: "One value of what fetch printed", Args: cobra.ExactArgs(2)}
	g.bind(c, true)
	inline(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		text, err := vault.Extract(args[0], args[1])
		return a.clear(text+"\n", err)
	}
	return c
}

// inline adds Kamal's hidden flag for use inside secrets files; there commands
// run in this process whatever it says.
func inline(c *cobra.Command) {
	c.Flags().Bool("inline", false, "no meaning here")
	c.Flags().Lookup("inline").Hidden = true
}

// clear prints what was asked for in the clear: the one way past the redactor.
func (a *app) clear(text string, err error) error {
	if err != nil {
		return err
	}
	a.flush()
	_, err = fmt.Fprint(a.open, text)
	return err
}
