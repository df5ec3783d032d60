package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/warmlyyours/hwdeploy/internal/deploy"
	"github.com/warmlyyours/hwdeploy/internal/plan"
)

// topic is one of several questions that are asked at once.
type topic struct {
	header string
	deploy.Question
}

// answerAll asks everything at the same time and prints the answers in order, as
// JSON in one array.
func (a *app) answerAll(ctx context.Context, g *globals, e *deploy.Engine, topics []topic, asData bool) error {
	var questions []deploy.Question
	for _, t := range topics {
		questions = append(questions, t.Question)
	}
	said, err := e.AskAll(ctx, questions, asData)
	if asData {
		return errors.Join(a.answer(g, "", slices.Concat(said...), true), err)
	}
	errs := []error{err}
	for i, t := range topics {
		errs = append(errs, a.answer(g, t.header, said[i], false))
	}
	return errors.Join(errs...)
}

// detailsCommand shows all containers: proxy, app, accessories.
func (a *app) detailsCommand() *cobra.Command {
	g, asData := &globals{}, false
	c := &cobra.Command{Use: "details", Short: "The containers of proxy, app and accessories", Args: cobra.NoArgs}
	g.bind(c, true)
	jsonFlag(c, &asData)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.withEngine(cmd, g, func(ctx context.Context, _ *world, e *deploy.Engine) error {
			accessories, err := accessoryTopics(e, e.AccessoriesHere())
			topics := append([]topic{{"Proxy", e.ProxyDetails()}, {"App", e.AppDetails()}}, accessories...)
			return errors.Join(err, a.answerAll(ctx, g, e, topics, asData))
		})
	}
	return c
}

// removeCommand removes everything from the hosts.
func (a *app) removeCommand() *cobra.Command {
	c := a.change("remove", "Remove app, accessories, and the proxy where nothing else needs it", func(*globals, []string) plan.Maker { return plan.Remove })
	a.confirmed(c, "This will remove all containers and images. Are you sure?")
	return c
}
