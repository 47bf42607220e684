// The storage layer of a Kubernetes API server on a real etcd, with its own metrics and health checks, and nothing of the rest: no
// authorization, no resources of Kubernetes. For tests of what the collector reads of an API server's /metrics, /readyz and /livez.
//
// usage: kube-storage -etcd http://127.0.0.1:2379 -cert FILE -key FILE -token TOKEN [-objects N]
// It prints the port that it serves (TLS, loopback only), and ends with its standard input.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/example"
	examplev1 "k8s.io/apiserver/pkg/apis/example/v1"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/etcd3/metrics"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/component-base/metrics/legacyregistry"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	etcd := flag.String("etcd", "", "client URL of etcd")
	cert := flag.String("cert", "", "server certificate")
	key := flag.String("key", "", "its key")
	token := flag.String("token", "", "bearer token that is let in")
	objects := flag.Int("objects", 20, "objects to create at the start")
	version := flag.String("version", "v0.0.0", "what /version says")
	flag.Parse()

	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, metav1.SchemeGroupVersion)
	must(example.AddToScheme(scheme))
	must(examplev1.AddToScheme(scheme))
	codec := serializer.NewCodecFactory(scheme).LegacyCodec(examplev1.SchemeGroupVersion)
	config := storagebackend.NewDefaultConfig("/registry", codec)
	config.Transport.ServerList = []string{*etcd}
	// As the API server does: health of etcd is asked with this, and its size with the monitor.
	stop := make(chan struct{})
	live, err := factory.CreateHealthCheck(*config, stop)
	must(err)
	ready, err := factory.CreateReadyCheck(*config, stop)
	must(err)
	metrics.Register()
	metrics.SetStorageMonitorGetter(func() ([]metrics.Monitor, error) {
		monitor, err := factory.CreateMonitor(*config)
		return []metrics.Monitor{monitor}, err
	})

	pods := schema.GroupResource{Resource: "pods"}
	store, _, err := factory.Create(*config.ForResource(pods),
		func() runtime.Object { return &example.Pod{} }, func() runtime.Object { return &example.PodList{} }, "/pods")
	must(err)
	ctx := context.Background()
	name := func(i int) string { return fmt.Sprintf("/pods/default/p%d", i) }
	for i := 0; i < *objects; i++ {
		pod := &example.Pod{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("p%d", i), Namespace: "default"}}
		must(store.Create(ctx, name(i), pod, &example.Pod{}, 0))
	}
	count := func() {
		if n, err := store.Count("/pods/"); err != nil {
			metrics.UpdateObjectCount(pods.String(), -1)
		} else {
			metrics.UpdateObjectCount(pods.String(), n)
		}
	}
	count()
	go func() {
		for i := 0; ; i++ {
			limit, cancel := context.WithTimeout(ctx, 2*time.Second)
			_ = store.Get(limit, name(i%*objects), storage.GetOptions{}, &example.Pod{})
			cancel()
			if i%20 == 0 {
				count()
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()

	mux := http.NewServeMux()
	check := func(name string, ask func() error) healthz.HealthChecker {
		return healthz.NamedCheck(name, func(*http.Request) error { return ask() })
	}
	healthz.InstallLivezHandler(mux, healthz.PingHealthz, check("etcd", live))
	healthz.InstallReadyzHandler(mux, healthz.PingHealthz, check("etcd", live), check("etcd-readiness", ready))
	mux.Handle("/metrics", legacyregistry.Handler())
	mux.HandleFunc("/version", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"gitVersion":%q}`, *version)
	})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+*token {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		if r.Method != http.MethodGet {
			log.Printf("REFUSED %s %s", r.Method, r.URL.Path)
			http.Error(w, "read only", http.StatusMethodNotAllowed)
			return
		}
		mux.ServeHTTP(w, r)
	})
	pair, err := tls.LoadX509KeyPair(*cert, *key)
	must(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	secure := tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	must(http.Serve(secure, handler))
}
