package main

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/apis/certificates/validation"
)

// A judgement is what Kubernetes makes of a request. The three errors are empty where it goes on.
type judgement struct {
	// APIServer is the refusal at creation: certificates/validation.
	APIServer string `json:"apiServer"`
	// Signer is the refusal to sign: ValidateKubeletServingCSR, then the signing policy.
	Signer string `json:"signer"`
	// Said is what Go read, absent when it could read nothing.
	Said *contents `json:"said,omitempty"`
	// Certificate is what would be issued, absent when the signer refuses.
	Certificate *contents `json:"certificate,omitempty"`
}

// Contents of a request or of a certificate, as Go reads them.
type contents struct {
	// Subject holds every attribute in order, as type and value; a value that is not a string is null.
	Subject       [][2]any `json:"subject"`
	CommonName    string   `json:"commonName"`
	Organizations []string `json:"organizations"`
	DNSNames      []string `json:"dnsNames"`
	// Addresses are in hex of as many octets as there are.
	Addresses []string `json:"addresses"`
	Emails    int      `json:"emails"`
	URIs      int      `json:"uris"`
	// SPKI is the SHA-256 of the SubjectPublicKeyInfo, hex.
	SPKI       string   `json:"spki"`
	Extensions []string `json:"extensions"`
	Algorithm  string   `json:"algorithm"`
	IsCA       bool     `json:"isCA"`
}

// Usages that every kubelet asks for, whatever its key.
var usages = []certificates.KeyUsage{certificates.UsageDigitalSignature, certificates.UsageServerAuth}

func judge(text string, signer *signer) judgement {
	var made judgement
	// As encoding/json does for a field of bytes.
	request, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return judgement{APIServer: "decode: " + err.Error(), Signer: "decode: " + err.Error()}
	}
	csr := &certificates.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "csr"},
		Spec: certificates.CertificateSigningRequestSpec{
			Request:    request,
			SignerName: certificates.KubeletServingSignerName,
			Usages:     usages,
		},
	}
	made.APIServer = attempt(func() error {
		return validation.ValidateCertificateSigningRequestCreate(csr).ToAggregate()
	})
	parsed, err := certificates.ParseCSR(request)
	if err != nil {
		made.Signer = "parse: " + err.Error()
		return made
	}
	made.Said = saidBy(parsed)
	made.Signer = attempt(func() error {
		issued, err := signer.sign(parsed)
		if err != nil {
			return err
		}
		made.Certificate = certifiedBy(issued)
		return nil
	})
	return made
}

// Attempt turns a panic into a refusal, so that one request cannot end the oracle.
func attempt(step func() error) (refusal string) {
	defer func() {
		if reason := recover(); reason != nil {
			refusal = fmt.Sprint("panic: ", reason)
		}
	}()
	if err := step(); err != nil {
		return err.Error()
	}
	return ""
}

func saidBy(request *x509.CertificateRequest) *contents {
	return &contents{
		Subject:       attributes(request.Subject),
		CommonName:    request.Subject.CommonName,
		Organizations: request.Subject.Organization,
		DNSNames:      request.DNSNames,
		Addresses:     octets(request.IPAddresses),
		Emails:        len(request.EmailAddresses),
		URIs:          len(request.URIs),
		SPKI:          digest(request.RawSubjectPublicKeyInfo),
		Extensions:    identifiers(request.Extensions),
		Algorithm:     request.SignatureAlgorithm.String(),
	}
}

func certifiedBy(certificate *x509.Certificate) *contents {
	return &contents{
		Subject:       attributes(certificate.Subject),
		CommonName:    certificate.Subject.CommonName,
		Organizations: certificate.Subject.Organization,
		DNSNames:      certificate.DNSNames,
		Addresses:     octets(certificate.IPAddresses),
		Emails:        len(certificate.EmailAddresses),
		URIs:          len(certificate.URIs),
		SPKI:          digest(certificate.RawSubjectPublicKeyInfo),
		Extensions:    identifiers(certificate.Extensions),
		Algorithm:     certificate.SignatureAlgorithm.String(),
		IsCA:          certificate.IsCA,
	}
}

func attributes(name pkix.Name) [][2]any {
	all := [][2]any{}
	for _, attribute := range name.Names {
		value, isString := attribute.Value.(string)
		if isString {
			all = append(all, [2]any{attribute.Type.String(), value})
		} else {
			all = append(all, [2]any{attribute.Type.String(), nil})
		}
	}
	return all
}

func octets(addresses []net.IP) []string {
	all := []string{}
	for _, address := range addresses {
		all = append(all, hex.EncodeToString(address))
	}
	return all
}

func identifiers(extensions []pkix.Extension) []string {
	all := []string{}
	for _, extension := range extensions {
		all = append(all, extension.Id.String())
	}
	return all
}

func digest(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}
