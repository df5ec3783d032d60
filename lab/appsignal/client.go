package appsignal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
)

// Map is one source map to send.
type Map struct {
	Key                        string // push API key; in the body, so that no log shows it
	App, Environment, Revision string
	Names                      []string
	File                       string
	Text                       []byte
}

// Send uploads a map to the endpoint at base; anything but 201 is an error with
// the answer's text.
func Send(ctx context.Context, base string, m Map) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := [][2]string{{"push_api_key", m.Key}, {"app_name", m.App}, {"environment", m.Environment}, {"revision", m.Revision}}
	for _, n := range m.Names {
		fields = append(fields, [2]string{"name[]", n})
	}
	for _, f := range fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			return err
		}
	}
	part, err := form.CreateFormFile("file", m.File)
	if err != nil {
		return err
	}
	if _, err := part.Write(m.Text); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	text, status, err := ask(ctx, http.MethodPost, base+Path, form.FormDataContentType(), &body)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("upload of %s: status %d: %s", m.File, status, strings.TrimSpace(string(text)))
	}
	return err
}

// Uploads gives what a Server at base accepted, in order.
func Uploads(ctx context.Context, base string) ([]Upload, error) {
	text, _, err := ask(ctx, http.MethodGet, base+"/uploads", "", nil)
	if err != nil {
		return nil, err
	}
	var all []Upload
	return all, json.Unmarshal(text, &all)
}

// Reset makes a Server forget its uploads.
func Reset(ctx context.Context, base string) error {
	_, _, err := ask(ctx, http.MethodPost, base+"/reset", "", nil)
	return err
}

func ask(ctx context.Context, method, url, kind string, body io.Reader) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, 0, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return text, resp.StatusCode, err
}
