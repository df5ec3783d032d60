// Package hooks is what runs around a deploy, ours and yours: the user's files
// in .kamal/hooks with Kamal's environment, and the built-in words that quiet
// and resume workers inside their containers.
//
// Laws: a hook gets exactly the environment it is given beside the inherited
// one; secrets reach it only where the caller hands them over; its failure
// stops the deploy and shows both of its streams; `kamal` on its PATH is this
// program, so that hooks that call kamal need no Ruby; pre-connect does not run
// within itself.
//
// Sources: https://kamal-deploy.org/docs/hooks/overview/,
// https://github.com/sidekiq/sidekiq/wiki/Signals.
package hooks
