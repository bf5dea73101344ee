package main

import (
	"encoding/base64"

	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	kjson "sigs.k8s.io/json"
)

// A review as the API machinery decodes it: an AdmissionReview, and the CertificateSigningRequest in it.
type review struct {
	// Problem is why it cannot be decoded.
	Problem   string   `json:"problem"`
	UID       string   `json:"uid"`
	DryRun    bool     `json:"dryRun"`
	Caller    identity `json:"caller"`
	Requester identity `json:"requester"`
	Name      string   `json:"name"`
	CSRUID    string   `json:"csrUid"`
	// CreatedAt is in milliseconds since the epoch.
	CreatedAt         int64    `json:"createdAt"`
	Deleting          bool     `json:"deleting"`
	Finalizers        int      `json:"finalizers"`
	OwnerReferences   int      `json:"ownerReferences"`
	SignerName        string   `json:"signerName"`
	Usages            []string `json:"usages"`
	ExpirationSeconds *int32   `json:"expirationSeconds"`
	Conditions        []string `json:"conditions"`
	Issued            bool     `json:"issued"`
	Request           string   `json:"request"`
}

type identity struct {
	Username string              `json:"username"`
	UID      string              `json:"uid"`
	Groups   []string            `json:"groups"`
	Extra    map[string][]string `json:"extra"`
}

func readReview(text string) review {
	var admission admissionv1.AdmissionReview
	if err := kjson.UnmarshalCaseSensitivePreserveInts([]byte(text), &admission); err != nil {
		return review{Problem: err.Error()}
	}
	if admission.Request == nil {
		return review{Problem: "no request"}
	}
	var csr certificatesv1.CertificateSigningRequest
	if err := kjson.UnmarshalCaseSensitivePreserveInts(admission.Request.Object.Raw, &csr); err != nil {
		return review{Problem: err.Error()}
	}
	read := review{
		UID:               string(admission.Request.UID),
		DryRun:            admission.Request.DryRun != nil && *admission.Request.DryRun,
		Caller:            callerOf(admission.Request.UserInfo),
		Requester:         requesterOf(csr.Spec),
		Name:              csr.Name,
		CSRUID:            string(csr.UID),
		CreatedAt:         csr.CreationTimestamp.UnixMilli(),
		Deleting:          csr.DeletionTimestamp != nil,
		Finalizers:        len(csr.Finalizers),
		OwnerReferences:   len(csr.OwnerReferences),
		SignerName:        csr.Spec.SignerName,
		Usages:            []string{},
		ExpirationSeconds: csr.Spec.ExpirationSeconds,
		Conditions:        []string{},
		Issued:            len(csr.Status.Certificate) > 0,
		Request:           base64.StdEncoding.EncodeToString(csr.Spec.Request),
	}
	for _, usage := range csr.Spec.Usages {
		read.Usages = append(read.Usages, string(usage))
	}
	for _, condition := range csr.Status.Conditions {
		read.Conditions = append(read.Conditions, string(condition.Type))
	}
	return read
}

func callerOf(user authenticationv1.UserInfo) identity {
	extra := map[string][]string{}
	for key, values := range user.Extra {
		extra[key] = list(values)
	}
	return identity{Username: user.Username, UID: user.UID, Groups: list(user.Groups), Extra: extra}
}

func requesterOf(spec certificatesv1.CertificateSigningRequestSpec) identity {
	extra := map[string][]string{}
	for key, values := range spec.Extra {
		extra[key] = list(values)
	}
	return identity{Username: spec.Username, UID: spec.UID, Groups: list(spec.Groups), Extra: extra}
}

// List is never null.
func list(values []string) []string {
	return append([]string{}, values...)
}
