package adapter

import (
	"context"
	"strings"

	"github.com/warmlyyours/hwdeploy/internal/vault/ordered"
)

// awsSecretsManager drives `aws`:
// https://docs.aws.amazon.com/cli/latest/reference/secretsmanager/batch-get-secret-value.html.
func awsSecretsManager() Adapter {
	return Adapter{name: "aws_secrets_manager", title: "AWS CLI", check: "aws --version", fetch: awsFetch}
}

func awsFetch(ctx context.Context, s *session, r Request) (*ordered.Object, error) {
	line := "aws secretsmanager batch-get-secret-value --secret-id-list " + escapeAll(r.prefixed())
	if r.Account != "" {
		line += " --profile " + Escape(r.Account)
	}
	out, err := s.run(ctx, line+" --output json")
	if exit := refused(err); exit != nil {
		return nil, fail(exit, "Could not read %s from AWS Secrets Manager", complaint(exit.Stdout))
	}
	if err != nil {
		return nil, err
	}
	answer, err := ordered.Parse(out)
	if err != nil {
		return nil, fail(err, "Could not read the answer of AWS Secrets Manager")
	}
	if failed := objects(object(answer).Get("Errors")); len(failed) > 0 {
		texts := make([]string, len(failed))
		for i, e := range failed {
			texts[i] = e.Text("SecretId") + ": " + e.Text("Message")
		}
		return nil, fail(nil, "%s", strings.Join(texts, " "))
	}
	result := &ordered.Object{}
	for _, o := range objects(object(answer).Get("SecretValues")) {
		awsValue(result, o.Text("Name"), o.Text("SecretString"))
	}
	return result, nil
}

// complaint is what a failed program printed, unless it may hold values.
func complaint(stdout string) string {
	stdout = strings.TrimSpace(stdout)
	if strings.Contains(stdout, "SecretString") {
		return "secrets"
	}
	return stdout
}

// awsValue puts in one secret: a JSON object key by key, other JSON as its text,
// and anything else as it is.
func awsValue(result *ordered.Object, name, text string) {
	v, err := ordered.Parse(text)
	o, isObject := v.(*ordered.Object)
	switch {
	case err != nil:
		result.Set(name, text)
	case !isObject:
		result.Set(name, asText(v))
	default:
		for _, k := range o.Keys() {
			result.Set(name+"/"+k, asText(o.Get(k)))
		}
	}
}

func asText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return ordered.Dump(v)
}
