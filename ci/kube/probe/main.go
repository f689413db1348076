// A small program for tests of the cluster itself: an HTTP server that shows what a pod can do.
//
//	GET /lookup?name=N   the addresses of a name
//	GET /fetch?url=U     the body behind a URL
//	PUT /file/NAME       stores the body under $PROBE_DIR; GET reads it back
//	GET /                "ok"
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

const limit = 5 * time.Second

func main() {
	directory := os.Getenv("PROBE_DIR")
	http.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	http.HandleFunc("GET /lookup", lookup)
	http.HandleFunc("GET /fetch", fetch)
	http.HandleFunc("PUT /file/{name}", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err == nil {
			err = os.WriteFile(filepath.Join(directory, filepath.Base(r.PathValue("name"))), body, 0o600)
		}
		answer(w, "stored", err)
	})
	http.HandleFunc("GET /file/{name}", func(w http.ResponseWriter, r *http.Request) {
		body, err := os.ReadFile(filepath.Join(directory, filepath.Base(r.PathValue("name"))))
		answer(w, string(body), err)
	})
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	server := http.Server{Addr: ":8080", ReadHeaderTimeout: limit}
	go func() {
		<-stop.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

func lookup(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, r.URL.Query().Get("name"))
	sort.Strings(addresses)
	answer(w, strings.Join(addresses, "\n"), err)
}

func fetch(w http.ResponseWriter, r *http.Request) {
	client := http.Client{Timeout: limit}
	response, err := client.Get(r.URL.Query().Get("url"))
	if err != nil {
		answer(w, "", err)
		return
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	answer(w, string(body), err)
}

func answer(w http.ResponseWriter, text string, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprint(w, text)
}
