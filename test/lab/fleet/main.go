// Program fleet asks for serving certificates as kubelets do: with the certificate manager of client-go, set up as
// pkg/kubelet/certificate/kubelet.go sets it up (NewKubeletServerCertificateManager), one for each node.
//
// It reads lists of nodes as JSON from stdin, starts the nodes of each list as soon as it is there, prints the name of each
// node that has its certificate, and ends when its time is over.
//
// With -port, each node also answers as its kubelet does, on its own addresses. With -waiting and no nodes, every address of
// this machine answers as a kubelet that has no certificate yet, until stdin ends.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	certificates "k8s.io/api/certificates/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/certificate"
	"k8s.io/klog/v2"
)

type node struct {
	Name      string   `json:"name"`
	DNSNames  []string `json:"dnsNames"`
	Addresses []net.IP `json:"addresses"`
	// Reported in turns with Addresses; empty for a node that keeps them.
	OtherAddresses []net.IP `json:"otherAddresses"`
	// Of its machine, whatever it reports.
	OwnAddresses []net.IP `json:"ownAddresses"`
	// Serves a certificate that it made itself, until it has another.
	SelfMade bool `json:"selfMade"`
	// An earlier node, which ends first: it answers no more, and its Node object is deleted. Empty: none.
	Replaces string `json:"replaces"`
	// When the earlier one ends, and how much later this one starts and registers its Node itself.
	EndsAfterMs   int `json:"endsAfterMs"`
	StartsAfterMs int `json:"startsAfterMs"`
}

// A running node.
type running struct {
	manager   certificate.Manager
	listeners []net.Listener
}

// fleet is all nodes of this process, by name.
type fleet struct {
	config *rest.Config
	admin  kubernetes.Interface
	port   int
	issued chan string
	mutex  sync.Mutex
	nodes  map[string]running
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
	waiting := flag.Bool("waiting", false, "only answer, as kubelets without a certificate")
	flag.Parse()
	if *waiting {
		if err := serveWaiting(*port); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	// The certificate manager tells of every refusal.
	var logging flag.FlagSet
	klog.InitFlags(&logging)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := logging.Set(name, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(io.Discard)
	if err := run(*kubeconfig, *limit, *port); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig string, limit time.Duration, port int) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	// The administrator deletes the Nodes of all machines that end.
	own := rest.CopyConfig(config)
	own.QPS, own.Burst = 1000, 1000
	admin, err := kubernetes.NewForConfig(own)
	if err != nil {
		return err
	}
	all := fleet{config: config, admin: admin, port: port, issued: make(chan string), nodes: map[string]running{}}
	lists := make(chan []node)
	failed := make(chan error)
	go readLists(lists, failed)
	ended := time.After(limit)
	for {
		select {
		case list := <-lists:
			for _, each := range list {
				go func() {
					if err := all.begin(each); err != nil {
						failed <- fmt.Errorf("%s: %w", each.Name, err)
					}
				}()
			}
		case name := <-all.issued:
			fmt.Println(name)
		case err := <-failed:
			return err
		case <-ended:
			return nil
		}
	}
}

func readLists(lists chan<- []node, failed chan<- error) {
	decoder := json.NewDecoder(os.Stdin)
	for {
		var list []node
		if err := decoder.Decode(&list); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			failed <- fmt.Errorf("the nodes cannot be read: %w", err)
			return
		}
		lists <- list
	}
}

// begin starts a node, after the one that it replaces has ended.
func (f *fleet) begin(of node) error {
	manager, client, err := managerOf(f.config, of, f.issued)
	if err != nil {
		return err
	}
	if of.Replaces != "" {
		time.Sleep(time.Duration(of.EndsAfterMs) * time.Millisecond)
		if err := f.end(of.Replaces); err != nil {
			return err
		}
		time.Sleep(time.Duration(of.StartsAfterMs) * time.Millisecond)
	}
	started := running{manager: manager}
	if f.port > 0 {
		if started.listeners, err = serve(of, manager, f.port); err != nil {
			return err
		}
	}
	if of.Replaces != "" {
		if err := register(client, of); err != nil {
			return err
		}
	}
	f.mutex.Lock()
	f.nodes[of.Name] = started
	f.mutex.Unlock()
	manager.Start()
	return nil
}

func (f *fleet) end(name string) error {
	f.mutex.Lock()
	old, known := f.nodes[name]
	delete(f.nodes, name)
	f.mutex.Unlock()
	if !known {
		return fmt.Errorf("it replaces %s, which does not run", name)
	}
	old.manager.Stop()
	for _, listener := range old.listeners {
		listener.Close()
	}
	return f.admin.CoreV1().Nodes().Delete(context.Background(), name, meta.DeleteOptions{})
}

// register makes the Node and reports its addresses, as a kubelet does at its start.
func register(client kubernetes.Interface, of node) error {
	object := &core.Node{ObjectMeta: meta.ObjectMeta{Name: of.Name}}
	if _, err := client.CoreV1().Nodes().Create(context.Background(), object, meta.CreateOptions{}); err != nil {
		return err
	}
	return report(client, of, of.Addresses)
}

func managerOf(config *rest.Config, of node, issued chan<- string) (certificate.Manager, kubernetes.Interface, error) {
	own := rest.CopyConfig(config)
	own.Impersonate = rest.ImpersonationConfig{
		UserName: "system:node:" + of.Name,
		Groups:   []string{"system:nodes", "system:authenticated"},
	}
	// the kubelet's kubeAPIQPS and kubeAPIBurst
	own.QPS, own.Burst = 50, 100
	client, err := kubernetes.NewForConfig(own)
	if err != nil {
		return nil, nil, err
	}
	var current atomic.Pointer[[]net.IP]
	current.Store(&of.Addresses)
	if len(of.OtherAddresses) > 0 {
		go flap(client, of, &current)
	}
	manager, err := certificate.NewManager(&certificate.Config{
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
	return manager, client, err
}

// flap reports other addresses in the Node again and again, and lets the certificate manager ask for those.
func flap(client kubernetes.Interface, of node, current *atomic.Pointer[[]net.IP]) {
	for turn := range flaps {
		next := of.OtherAddresses
		if turn%2 == 1 {
			next = of.Addresses
		}
		if err := report(client, of, next); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", of.Name, err)
		} else {
			current.Store(&next)
		}
		time.Sleep(flapEvery)
	}
}

func report(client kubernetes.Interface, of node, addresses []net.IP) error {
	var reported []core.NodeAddress
	for _, name := range of.DNSNames {
		reported = append(reported, core.NodeAddress{Type: core.NodeHostName, Address: name})
	}
	for _, address := range addresses {
		reported = append(reported, core.NodeAddress{Type: core.NodeInternalIP, Address: address.String()})
	}
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"addresses": reported}})
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Nodes().PatchStatus(context.Background(), of.Name, patch)
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
