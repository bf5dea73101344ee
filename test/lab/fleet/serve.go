package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"time"

	"k8s.io/client-go/util/certificate"
)

// A peer that does not finish its handshake is left, as net/http's ReadHeaderTimeout does.
const handshakeTime = 10 * time.Second

// serve answers on the addresses of a node's machine as its kubelet does: pkg/kubelet/kubelet.go sets GetCertificate so, and
// crypto/tls makes the alert internal_error of its error. Returns the listeners.
func serve(of node, manager certificate.Manager, port int) ([]net.Listener, error) {
	current := func() (*tls.Certificate, error) {
		if cert := manager.Current(); cert != nil {
			return cert, nil
		}
		return noCertificate(nil)
	}
	if of.SelfMade {
		made, err := selfMade(of)
		if err != nil {
			return nil, err
		}
		current = func() (*tls.Certificate, error) {
			if cert := manager.Current(); cert != nil {
				return cert, nil
			}
			return made, nil
		}
	}
	config := configOf(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return current() })
	var listeners []net.Listener
	for _, address := range of.OwnAddresses {
		listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: address, Port: port})
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
		go accept(listener, config)
	}
	return listeners, nil
}

// serveWaiting answers on every address of this machine until stdin ends.
func serveWaiting(port int) error {
	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	go accept(listener, configOf(noCertificate))
	fmt.Println("listening")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func noCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return nil, errors.New("no serving certificate available for the kubelet")
}

func configOf(get func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert, GetCertificate: get}
}

func accept(listener net.Listener, config *tls.Config) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			connection.SetDeadline(time.Now().Add(handshakeTime))
			server := tls.Server(connection, config)
			if server.Handshake() == nil {
				// Until the peer hangs up: nobody asks these kubelets anything.
				server.Read(make([]byte, 1))
			}
		}()
	}
}

// selfMade is what a liar can make: everything but the signature of the cluster's CA.
func selfMade(of node) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "system:node:" + of.Name, Organization: []string{"system:nodes"}},
		DNSNames:     of.DNSNames,
		IPAddresses:  of.Addresses,
		NotBefore:    time.Now().Add(-time.Minute),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
