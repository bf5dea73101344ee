// Command still is every process of this test that has nothing to do: the first process of a host, the pause
// container of a pod, and the workload whose log is read.
//
//	still              waits, burying the children that were left to it
//	still speak WORD…  prints the words first, then waits
//	still say WORD…    prints the words and ends
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println(strings.Join(os.Args[2:], " "))
	}
	if len(os.Args) > 1 && os.Args[1] == "say" {
		return
	}
	wait()
}

func wait() {
	told := make(chan os.Signal, 16)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for {
		if <-told != syscall.SIGCHLD {
			return
		}
		bury()
	}
}

func bury() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if pid <= 0 || err != nil {
			return
		}
	}
}
