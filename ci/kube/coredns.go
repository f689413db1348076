package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/metrics"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/reload"
	_ "github.com/coredns/coredns/plugin/template"
)

// Only the plugins of a cluster's own names: the others would link cloud libraries. The order is the order of execution;
// template stands last and answers what no zone knows.
func runCoreDNS() {
	dnsserver.Directives = []string{"reload", "ready", "health", "prometheus", "errors", "cache", "loadbalance", "kubernetes", "template"}
	coremain.Run()
}
