package main

import (
	"encoding/hex"
	"net"
	"net/netip"

	netutils "k8s.io/utils/net"
)

// An address as Go's readers take it, in hex of 4 or 16 octets; empty where they refuse.
type address struct {
	// Strict is net/netip, which keeps an IPv4-mapped address at 16 octets.
	Strict string `json:"strict"`
	// Zone is the scope that net/netip takes after a percent sign.
	Zone string `json:"zone"`
	// Kubelet is what a kubelet would put into its request for this address of its Node.
	Kubelet string `json:"kubelet"`
}

func readAddress(text string) address {
	var read address
	if strict, err := netip.ParseAddr(text); err == nil {
		read.Strict = hex.EncodeToString(strict.WithZone("").AsSlice())
		read.Zone = strict.Zone()
	}
	if sloppy := netutils.ParseIPSloppy(text); sloppy != nil {
		read.Kubelet = hex.EncodeToString(shortest(sloppy))
	}
	return read
}

// Shortest is how crypto/x509 writes an address: IPv4 in four octets.
func shortest(address net.IP) net.IP {
	if four := address.To4(); four != nil {
		return four
	}
	return address
}

// A prefix as net/netip takes it: hex of the address, its length, and whether no bit past the length is set.
type prefix struct {
	Valid   bool   `json:"valid"`
	Address string `json:"address"`
	Bits    int    `json:"bits"`
	Masked  bool   `json:"masked"`
}

func readPrefix(text string) prefix {
	read, err := netip.ParsePrefix(text)
	if err != nil {
		return prefix{}
	}
	return prefix{
		Valid:   true,
		Address: hex.EncodeToString(read.Addr().AsSlice()),
		Bits:    read.Bits(),
		Masked:  read == read.Masked(),
	}
}
