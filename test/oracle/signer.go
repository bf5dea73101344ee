package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	capi "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/controller/certificates/authority"
)

// A signer signs as kube-controller-manager's csrsigning-kubelet-serving does: pkg/controller/certificates/signer.
type signer struct {
	authority *authority.CertificateAuthority
	policy    authority.PermissiveSigningPolicy
}

func newSigner() (*signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "oracle"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(10 * 365 * 24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &signer{
		authority: &authority.CertificateAuthority{RawCert: der, Certificate: certificate, PrivateKey: key},
		policy: authority.PermissiveSigningPolicy{
			TTL:      365 * 24 * time.Hour,
			Usages:   []capi.KeyUsage{capi.UsageDigitalSignature, capi.UsageServerAuth},
			Backdate: 5 * time.Minute,
			Short:    8 * time.Hour,
		},
	}, nil
}

func (s *signer) sign(request *x509.CertificateRequest) (*x509.Certificate, error) {
	asked := sets.NewString(string(certificates.UsageDigitalSignature), string(certificates.UsageServerAuth))
	if err := certificates.ValidateKubeletServingCSR(request, asked); err != nil {
		return nil, err
	}
	der, err := s.authority.Sign(request.Raw, s.policy)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
