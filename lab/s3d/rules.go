package s3d

import (
	"net/http"
	"strings"
)

// refusal is the status and code with which a request is turned away; 0 = not.
func (s *Server) refusal(r *http.Request) (int, string) {
	if status := s.strike(r.Method); status != 0 {
		return status, codes[status]
	}
	if s.o.Loose {
		return 0, ""
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Amz-Checksum-") || unsupported[name] {
			return http.StatusNotImplemented, "NotImplemented"
		}
	}
	if strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") {
		return http.StatusNotImplemented, "NotImplemented"
	}
	if r.Method == http.MethodPut && r.ContentLength < 0 {
		return http.StatusLengthRequired, "MissingContentLength"
	}
	return 0, ""
}

// unsupported are the headers that R2 does not implement.
var unsupported = map[string]bool{
	"X-Amz-Acl": true, "X-Amz-Tagging": true, "X-Amz-Trailer": true, "X-Amz-Server-Side-Encryption": true,
	"X-Amz-Website-Redirect-Location": true, "X-Amz-Request-Payer": true, "X-Amz-Expected-Bucket-Owner": true,
}

var codes = map[int]string{
	http.StatusForbidden: "AccessDenied", http.StatusTooManyRequests: "TooManyRequests",
	http.StatusInternalServerError: "InternalError", http.StatusServiceUnavailable: "SlowDown",
}

// strike takes one of the faults that are left for a method.
func (s *Server) strike(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &s.faults
	if f.Status == 0 || f.Method != "" && f.Method != method {
		return 0
	}
	status := f.Status
	if f.Times--; f.Times == 0 {
		*f = Faults{}
	} else if f.Times < 0 {
		f.Times = 0 // all, as before
	}
	return status
}
