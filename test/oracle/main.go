// The oracle says what Kubernetes makes of a request, by calling what Kubernetes calls: the API server's validation, the
// signer's validation of kubernetes.io/kubelet-serving, and the certificate that the signer's policy makes. It also says
// how Go reads addresses. One JSON object a line in, one a line out, in order; it ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// A question asks about one of four things.
type question struct {
	// Request is spec.request: base64 of PEM text, right or wrong.
	Request string `json:"request"`
	// Address is text that may be an IP address.
	Address *string `json:"address"`
	// Prefix is text that may be a CIDR prefix.
	Prefix *string `json:"prefix"`
	// Review is the JSON text of an AdmissionReview.
	Review *string `json:"review"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run() error {
	signer, err := newSigner()
	if err != nil {
		return fmt.Errorf("make a certificate authority: %w", err)
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a question: %w", err)
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			return fmt.Errorf("decode a question: %w", err)
		}
		if err := answers.Encode(answer(q, signer)); err != nil {
			return fmt.Errorf("write an answer: %w", err)
		}
		// Whoever asked now waits.
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write answers: %w", err)
			}
		}
	}
}

func answer(q question, signer *signer) any {
	switch {
	case q.Address != nil:
		return readAddress(*q.Address)
	case q.Prefix != nil:
		return readPrefix(*q.Prefix)
	case q.Review != nil:
		return readReview(*q.Review)
	default:
		return judge(q.Request, signer)
	}
}
