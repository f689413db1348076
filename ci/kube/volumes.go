package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

const (
	provisionerName = "orderplatform.io/directory"
	provisionedBy   = "pv.kubernetes.io/provisioned-by"
	provisionWith   = "volume.kubernetes.io/storage-provisioner"
	resyncEvery     = 5 * time.Second
)

// A volume is a directory under root, offered as a `local` volume. Kubernetes' own host-path provisioner
// makes directories that only root may write to and ignores fsGroup, so pods under restricted pod security
// could not use them; local volumes follow fsGroup as the volumes of real clusters do.
type volumeProvisioner struct {
	client  kubernetes.Interface
	root    string
	node    string
	claims  func() ([]*core.PersistentVolumeClaim, error)
	volumes func() ([]*core.PersistentVolume, error)
	class   func(name string) (*storage.StorageClass, error)
}

func runVolumes() {
	kubeconfig := flag.String("kubeconfig", "", "file that says how to reach the API server")
	root := flag.String("root", "", "directory that holds one directory per volume")
	node := flag.String("node", "", "name of the node the volumes lie on")
	flag.Parse()
	if err := serveVolumes(*kubeconfig, *root, *node); err != nil {
		fmt.Fprintln(os.Stderr, "volume-provisioner:", err)
		os.Exit(1)
	}
}

func serveVolumes(kubeconfig, root, node string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()

	factory := informers.NewSharedInformerFactory(client, 0)
	claims := factory.Core().V1().PersistentVolumeClaims()
	volumes := factory.Core().V1().PersistentVolumes()
	classes := factory.Storage().V1().StorageClasses()
	changed := make(chan struct{}, 1)
	wake := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { wake() },
		UpdateFunc: func(any, any) { wake() },
	}
	for _, informer := range []cache.SharedIndexInformer{claims.Informer(), volumes.Informer(), classes.Informer()} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	factory.Start(stop.Done())
	factory.WaitForCacheSync(stop.Done())

	provisioner := volumeProvisioner{
		client: client, root: root, node: node,
		claims:  func() ([]*core.PersistentVolumeClaim, error) { return claims.Lister().List(labels.Everything()) },
		volumes: func() ([]*core.PersistentVolume, error) { return volumes.Lister().List(labels.Everything()) },
		class:   classes.Lister().Get,
	}
	resync := time.NewTicker(resyncEvery) // Failed steps are tried again.
	defer resync.Stop()
	for {
		select {
		case <-stop.Done():
			return nil
		case <-changed:
		case <-resync.C:
		}
		provisioner.settle(stop)
	}
}

// One pass over everything that waits; a cluster of one node has few volumes.
func (p *volumeProvisioner) settle(ctx context.Context) {
	claims, err := p.claims()
	if err == nil {
		for _, claim := range claims {
			if err := p.provision(ctx, claim); err != nil {
				klog.ErrorS(err, "volume not made", "claim", klog.KObj(claim))
			}
		}
	}
	volumes, err := p.volumes()
	if err == nil {
		for _, volume := range volumes {
			if err := p.reclaim(ctx, volume); err != nil {
				klog.ErrorS(err, "volume not removed", "volume", volume.Name)
			}
		}
	}
}

func (p *volumeProvisioner) provision(ctx context.Context, claim *core.PersistentVolumeClaim) error {
	if claim.Annotations[provisionWith] != provisionerName || claim.Spec.VolumeName != "" || claim.DeletionTimestamp != nil ||
		claim.Spec.StorageClassName == nil {
		return nil
	}
	class, err := p.class(*claim.Spec.StorageClassName)
	if err != nil {
		return err
	}
	name := "pvc-" + string(claim.UID)
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	_, err = p.client.CoreV1().PersistentVolumes().Create(ctx, p.describe(name, path, claim, class), meta.CreateOptions{})
	if errors.IsAlreadyExists(err) {
		return nil
	}
	if err == nil {
		klog.InfoS("volume made", "claim", klog.KObj(claim), "path", path)
	}
	return err
}

func (p *volumeProvisioner) describe(name, path string, claim *core.PersistentVolumeClaim, class *storage.StorageClass) *core.PersistentVolume {
	reclaim := core.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		reclaim = *class.ReclaimPolicy
	}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: name, Annotations: map[string]string{provisionedBy: provisionerName}},
		Spec: core.PersistentVolumeSpec{
			AccessModes:                   claim.Spec.AccessModes,
			Capacity:                      core.ResourceList{core.ResourceStorage: claim.Spec.Resources.Requests[core.ResourceStorage]},
			StorageClassName:              class.Name,
			PersistentVolumeReclaimPolicy: reclaim,
			ClaimRef: &core.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeSource: core.PersistentVolumeSource{Local: &core.LocalVolumeSource{Path: path}},
			NodeAffinity: &core.VolumeNodeAffinity{Required: &core.NodeSelector{NodeSelectorTerms: []core.NodeSelectorTerm{{
				MatchExpressions: []core.NodeSelectorRequirement{{
					Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{p.node},
				}},
			}}}},
		},
	}
}

func (p *volumeProvisioner) reclaim(ctx context.Context, volume *core.PersistentVolume) error {
	if volume.Annotations[provisionedBy] != provisionerName || volume.Status.Phase != core.VolumeReleased ||
		volume.Spec.PersistentVolumeReclaimPolicy != core.PersistentVolumeReclaimDelete || volume.DeletionTimestamp != nil {
		return nil
	}
	if err := os.RemoveAll(filepath.Join(p.root, volume.Name)); err != nil {
		return err
	}
	err := p.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, meta.DeleteOptions{})
	if errors.IsNotFound(err) {
		return nil
	}
	if err == nil {
		klog.InfoS("volume removed", "volume", volume.Name)
	}
	return err
}
