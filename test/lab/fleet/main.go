// Program fleet asks for serving certificates as kubelets do: with the certificate manager of client-go, set up as
// pkg/kubelet/certificate/kubelet.go sets it up (NewKubeletServerCertificateManager), one for each node.
//
// It reads nodes as JSON from stdin, prints the name of each node that has its certificate, and ends when all have one or
// its time is over.
//
// With -port, each node also answers as its kubelet does, on its own addresses.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	certificates "k8s.io/api/certificates/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/certificate"
)

type node struct {
	Name      string   `json:"name"`
	DNSNames  []string `json:"dnsNames"`
	Addresses []net.IP `json:"addresses"`
	// Reported in turns with Addresses; empty for a node that keeps them.
	OtherAddresses []net.IP `json:"otherAddresses"`
	// Of its machine, whatever it reports.
	OwnAddresses []net.IP `json:"ownAddresses"`
	// Serves a certificate that it made itself.
	SelfMade bool `json:"selfMade"`
}

// A node that flaps ends at the addresses it began with.
const (
	flapEvery = 700 * time.Millisecond
	flaps     = 20
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "of an administrator, who impersonates the nodes")
	limit := flag.Duration("for", 5*time.Minute, "end after this time")
	port := flag.Int("port", 0, "of the kubelets; 0: they do not listen")
	flag.Parse()
	if err := run(*kubeconfig, *limit, *port); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig string, limit time.Duration, port int) error {
	var nodes []node
	if err := json.NewDecoder(os.Stdin).Decode(&nodes); err != nil {
		return fmt.Errorf("the nodes cannot be read: %w", err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	issued := make(chan string, len(nodes))
	for _, each := range nodes {
		manager, err := managerOf(config, each, issued)
		if err != nil {
			return fmt.Errorf("%s: %w", each.Name, err)
		}
		if port > 0 {
			if err := serve(each, manager, port); err != nil {
				return fmt.Errorf("%s: %w", each.Name, err)
			}
		}
		manager.Start()
	}
	ended := time.After(limit)
	for range nodes {
		select {
		case name := <-issued:
			fmt.Println(name)
		case <-ended:
			return nil
		}
	}
	if port > 0 {
		<-ended
	}
	return nil
}

func managerOf(config *rest.Config, of node, issued chan<- string) (certificate.Manager, error) {
	own := rest.CopyConfig(config)
	own.Impersonate = rest.ImpersonationConfig{
		UserName: "system:node:" + of.Name,
		Groups:   []string{"system:nodes", "system:authenticated"},
	}
	// the kubelet's kubeAPIQPS and kubeAPIBurst
	own.QPS, own.Burst = 50, 100
	client, err := kubernetes.NewForConfig(own)
	if err != nil {
		return nil, err
	}
	var current atomic.Pointer[[]net.IP]
	current.Store(&of.Addresses)
	if len(of.OtherAddresses) > 0 {
		go flap(client, of, &current)
	}
	return certificate.NewManager(&certificate.Config{
		ClientsetFn: func(*tls.Certificate) (kubernetes.Interface, error) { return client, nil },
		GetTemplate: func() *x509.CertificateRequest {
			return &x509.CertificateRequest{
				Subject:     pkix.Name{CommonName: "system:node:" + of.Name, Organization: []string{"system:nodes"}},
				DNSNames:    of.DNSNames,
				IPAddresses: *current.Load(),
			}
		},
		SignerName:       certificates.KubeletServingSignerName,
		GetUsages:        certificate.DefaultKubeletServingGetUsages,
		CertificateStore: &memory{name: of.Name, issued: issued},
	})
}

// flap reports other addresses in the Node again and again, and lets the certificate manager ask for those.
func flap(client kubernetes.Interface, of node, current *atomic.Pointer[[]net.IP]) {
	for turn := range flaps {
		next := of.OtherAddresses
		if turn%2 == 1 {
			next = of.Addresses
		}
		if err := report(client, of.Name, next); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", of.Name, err)
		} else {
			current.Store(&next)
		}
		time.Sleep(flapEvery)
	}
}

func report(client kubernetes.Interface, name string, addresses []net.IP) error {
	reported := []core.NodeAddress{{Type: core.NodeHostName, Address: name}}
	for _, address := range addresses {
		reported = append(reported, core.NodeAddress{Type: core.NodeInternalIP, Address: address.String()})
	}
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"addresses": reported}})
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Nodes().PatchStatus(context.Background(), name, patch)
	return err
}

// memory is a certificate.Store without files.
type memory struct {
	name   string
	issued chan<- string
}

func (m *memory) Current() (*tls.Certificate, error) {
	none := certificate.NoCertKeyError("a node that joins has no certificate")
	return nil, &none
}

func (m *memory) Update(cert, key []byte) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	m.issued <- m.name
	return &pair, nil
}
